using System.Text;

namespace DotnetRelease.Processes;

/// <summary>One <c>git cat-file --batch</c> that stays open: ids in, contents out, without the start of a program for each.</summary>
public sealed class GitReader : IAsyncDisposable
{
    private readonly PipedProgram _program;
    private readonly string _folder;

    internal GitReader(PipedProgram program, string folder) => (_program, _folder) = (program, folder);

    /// <summary>The content of an object. The caller has looked at its size first.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ToolFailed"/>: the object went away, or git did.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(GitObject blob, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(blob);
        try
        {
            await _program.Input.WriteAsync(Encoding.ASCII.GetBytes(blob.Id + "\n"), ct);
            await _program.Input.FlushAsync(ct);
            if (GitObject.TryParse(await ReadLineAsync(ct)) != blob)
            {
                throw new EndOfStreamException();
            }

            // A line end follows the content.
            var bytes = new byte[blob.Size + 1];
            await _program.Output.ReadExactlyAsync(bytes, ct);
            return bytes.AsMemory(0, (int)blob.Size);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(
                Fault.ToolFailed, $"'git cat-file --batch' ended before object {blob.Id} in '{_folder}': {await _program.LastWordsAsync()}", inner: ex);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _program.DisposeAsync();

    /// <summary>Byte by byte: what is read beyond the line belongs to the content.</summary>
    private async Task<string> ReadLineAsync(CancellationToken ct)
    {
        const int enough = 200;
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < enough)
        {
            await _program.Output.ReadExactlyAsync(one, ct);
            if (one[0] is (byte)'\n')
            {
                break;
            }

            line.Append((char)one[0]);
        }

        return line.ToString();
    }
}
