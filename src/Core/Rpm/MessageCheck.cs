using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Has one gpg check many signed messages. gpg ends at the first wrong signature; it is started again for the rest.
/// </summary>
internal static class MessageCheck
{
    internal static async Task<Dictionary<string, GpgStatus>> RunAsync(Gpg gpg, string folder, ImmutableArray<string> names, CancellationToken ct)
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
