using System.Net;
using DotnetRelease.Storage;

namespace DotnetRelease.Http;

/// <summary>
/// Gets what is missing of a part from one place, and goes on where a connection broke. 206 has to be exactly what was asked for, 200 begins
/// afresh, and so does whoever gets 416. The digest of the whole decides in the end.
/// </summary>
/// <param name="part">Gets the bytes.</param>
/// <param name="progress">Told how many bytes are here.</param>
internal sealed class PartialTransfer(PartialFile part, Action<long> progress)
{
    /// <summary>Bytes that a round of attempts has to bring for another round.</summary>
    private const long WorthGoingOn = 1024 * 1024;

    private long _start;
    private string? _tag;

    /// <summary>The same question, about what is missing.</summary>
    internal HttpAsk Of(HttpAsk ask) => ask with
    {
        MaxBytes = part.Limit,
        Progress = count => progress(_start + count),
        Resume = () => new ResumePoint(part.Length, _tag),
    };

    /// <summary>Whether an answer is the rest. When it is none the caller says whether it is the whole; a part that cannot go on is forgotten.</summary>
    /// <exception cref="TransientFailure">The place has no such rest; without a range it may have the whole.</exception>
    internal bool IsRest(HttpAsk ask, HttpReply reply)
    {
        var asked = part.Length;
        if (asked is 0)
        {
            return false;
        }

        if (reply.Status is HttpStatusCode.PartialContent && ByteRange.IsRest(reply.Value("Content-Range"), asked, part.Size))
        {
            return true;
        }

        if (reply.Status is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent)
        {
            part.Restart();
            throw new TransientFailure($"{ask} -> {HttpHead.Say(reply.Status)}, which is not the rest from byte {asked} on", TimeSpan.Zero);
        }

        if (reply.Status is HttpStatusCode.OK)
        {
            part.Restart();
        }

        return false;
    }

    /// <summary>Adds the body of an answer that is the rest or the whole.</summary>
    internal Task TakeAsync(HttpReply reply, CancellationToken ct)
    {
        (_start, _tag) = (part.Length, StrongTag(reply));
        return part.AppendAsync(reply.Content, ct);
    }

    /// <summary>
    /// Makes a part whole, by as many rounds as a bad line needs that carries something each time, and finishes it. What is no good at all is
    /// not kept.
    /// </summary>
    /// <param name="part">As it is here.</param>
    /// <param name="round">Asks for what is missing.</param>
    /// <returns>What came, and whether it came in pieces: then all of it in one go may be another one.</returns>
    internal static async Task<(Intake Intake, bool WasPieced)> CompleteAsync(PartialFile part, Func<Task> round)
    {
        while (!part.IsAllHere)
        {
            var before = part.Length;
            try
            {
                await round();
                break;
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.RemoteFailed && part.Length is 0 && before > 0)
            {
                // It has no such rest, and was asked only once; the whole it may have.
                continue;
            }
            catch (ReleaseException ex) when (ex.Fault == Fault.RemoteFailed && part.Length - before >= WorthGoingOn)
            {
                // A bad line, but it carries something: a few attempts are enough for a small file only.
                continue;
            }
            catch (ReleaseException ex) when (ex.Fault.Exit is ExitCode.Refused)
            {
                part.Restart();
                throw;
            }
        }

        var wasPieced = part.IsPieced;
        return (await part.FinishAsync(), wasPieced);
    }

    private static string? StrongTag(HttpReply reply) => reply.Value("ETag") is ['"', .., '"'] tag ? tag : null;
}
