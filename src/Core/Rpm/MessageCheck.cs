using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Has gpg check many signed messages: one gpg for each processor, with a share of them each. gpg ends at the first wrong signature; it
/// is started again for the rest of its share.
/// </summary>
internal static class MessageCheck
{
    /// <summary>A gpg of its own would take longer to start than it takes to check fewer messages than this.</summary>
    private const int LeastShare = 16;

    internal static async Task<Dictionary<string, GpgStatus>> RunAsync(Gpg gpg, string folder, ImmutableArray<string> names, CancellationToken ct)
    {
        var share = Math.Max(LeastShare, (names.Length + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        var said = await Task.WhenAll(names.Chunk(share).Select(some => AskAsync(gpg, folder, [.. some], ct)));
        return said.SelectMany(some => some).ToDictionary(StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, GpgStatus>> AskAsync(Gpg gpg, string folder, ImmutableArray<string> names, CancellationToken ct)
    {
        var said = new Dictionary<string, GpgStatus>(StringComparer.Ordinal);
        while (said.Count < names.Length)
        {
            var rest = names[said.Count..];
            var command = gpg.Command([.. Gpg.Offline, "--verify-files"]) with
            {
                WorkingDirectory = folder,
                Input = Encoding.ASCII.GetBytes(string.Concat(rest.Select(name => name + "\n"))),
            };
            var outcome = await Exec.RunAsync(command, ct);
            var blocks = Blocks(GpgStatus.Parse(outcome.Output)).ToList();
            if (blocks.Count is 0 || blocks.Count > rest.Length || blocks.Zip(rest).Any(pair => !string.Equals(pair.First.Name, pair.Second, StringComparison.Ordinal)))
            {
                throw new ReleaseException(Fault.ToolFailed, $"'{command}' exited with {outcome.ExitCode} and did not report on the files it was given: {outcome.Error.Trim()}");
            }

            foreach (var (name, status) in blocks)
            {
                said.Add(name, status);
            }
        }

        return said;
    }

    /// <summary>What lies between <c>FILE_START</c> and <c>FILE_DONE</c>; the last may lack its end.</summary>
    private static IEnumerable<(string Name, GpgStatus Status)> Blocks(GpgStatus all)
    {
        string? name = null;
        List<string> lines = [];
        foreach (var line in all.Lines)
        {
            var ends = line is "FILE_DONE";
            var starts = line.StartsWith("FILE_START ", StringComparison.Ordinal);
            if (name is not null && (ends || starts))
            {
                yield return (name, new GpgStatus([.. lines]));
                name = null;
            }

            if (starts)
            {
                name = line[(line.LastIndexOf(' ') + 1)..];
                lines.Clear();
            }
            else if (!ends)
            {
                lines.Add(line);
            }
        }

        if (name is not null)
        {
            yield return (name, new GpgStatus([.. lines]));
        }
    }
}
