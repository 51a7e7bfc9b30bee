using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Building;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The result folder of a target: packages, and beside each its statement of provenance.</summary>
internal static class ResultFiles
{
    /// <summary>
    /// Puts the packages of a build in their place, each whole or not at all, and the statements last: a package without one is built again.
    /// What the same RPM left there from other inputs goes away.
    /// </summary>
    /// <returns>Full paths of the packages.</returns>
    public static async Task<ImmutableArray<string>> CommitAsync(BuildJob job, BuiltRpms built, string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (var file in built.Files)
        {
            var path = Path.Combine(folder, file.Nevra.FileName);
            await Durable.WriteAsync(path, async stream =>
            {
                await using var source = File.OpenRead(file.Path);
                await source.CopyToAsync(stream, ct);
            }, ct);
            paths.Add(path);
        }

        foreach (var file in built.Files)
        {
            var statement = Encoding.UTF8.GetBytes(Provenance.Write(job, file, built.Files));
            await Durable.WriteAsync(Path.Combine(folder, Provenance.FileNameFor(file.Nevra)), statement, ct);
        }

        await RemoveOlderAsync(job, folder, [.. built.Files.Select(file => Provenance.FileNameFor(file.Nevra))], ct);
        return paths.ToImmutable();
    }

    private static async Task RemoveOlderAsync(BuildJob job, string folder, HashSet<string> current, CancellationToken ct)
    {
        foreach (var statement in Directory.EnumerateFiles(folder, "*" + Provenance.Suffix).ToArray())
        {
            if (!current.Contains(Path.GetFileName(statement))
                && Provenance.TryRead(await File.ReadAllBytesAsync(statement, ct)) is { } record
                && record.Rpm == job.Rpm.Name && record.Target == job.Target.Name && record.Arch == job.Target.Arch)
            {
                // The statement first: without it nobody takes the package for a result.
                File.Delete(statement);
                File.Delete(statement[..^Provenance.Suffix.Length] + ".rpm");
            }
        }
    }
}
