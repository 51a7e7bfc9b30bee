using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>The result folder of a target: packages, and beside each its SBOM and its statement of provenance.</summary>
internal static class ResultFiles
{
    /// <summary>
    /// Puts the packages of a build in their place, each whole or not at all, and the statements last: a package without one is built again.
    /// What the same RPM left there from other inputs goes away.
    /// </summary>
    /// <returns>Full paths of the packages.</returns>
    public static async Task<ImmutableArray<string>> CommitAsync(BuildJob job, BuiltRpms built, string folder, CancellationToken ct)
    {
        ImmutableArray<RpmFile> files = [.. built.Files.Where(file => job.Keeps(file.Nevra))];
        var materials = await BuildMaterials.ReadAsync(job, built.Root, ct) with { Licenses = WheelLicenses.Of(job.Sources) };
        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (var file in files)
        {
            paths.Add(await CopyAsync(file.Path, Path.Combine(folder, file.Nevra.FileName), ct));
        }

        var documents = ImmutableArray.CreateBuilder<BuiltDocument>();
        foreach (var file in files)
        {
            var sbom = Encoding.UTF8.GetBytes(Sbom.Write(materials, file, await RpmPackage.ReadAsync(file.Path, ct)));
            documents.Add(new BuiltDocument(Sbom.FileNameFor(file.Nevra), Digest.Of(sbom)));
            await Durable.WriteAsync(Path.Combine(folder, documents[^1].Name), sbom, ct);
        }

        foreach (var file in files)
        {
            var statement = Encoding.UTF8.GetBytes(Provenance.Write(materials, file, files, documents.ToImmutable()));
            await Durable.WriteAsync(Path.Combine(folder, Provenance.FileNameFor(file.Nevra)), statement, ct);
        }

        await RemoveOlderAsync((job.Rpm.Name, job.Target.Name, job.Target.Arch), folder, [.. files.Select(file => Provenance.FileNameFor(file.Nevra))], ct);
        return paths.ToImmutable();
    }

    /// <summary>The same for packages that another machine built.</summary>
    public static async Task<ImmutableArray<string>> CommitAsync(CollectedBuild build, string folder, CancellationToken ct)
    {
        var paths = ImmutableArray.CreateBuilder<string>();
        foreach (var file in build.Files)
        {
            FailPoint.At("collect.package");
            paths.Add(await CopyAsync(file.Package, Path.Combine(folder, file.Built.Name), ct));
        }

        foreach (var document in build.Documents)
        {
            FailPoint.At("collect.document");
            await CopyAsync(document, Path.Combine(folder, Path.GetFileName(document)), ct);
        }

        foreach (var file in build.Files)
        {
            FailPoint.At("collect.statement");
            await CopyAsync(file.Statement, Path.Combine(folder, Path.GetFileName(file.Statement)), ct);
        }

        await RemoveOlderAsync((build.Record.Rpm, build.Record.Target, build.Record.Arch), folder, [.. build.Files.Select(file => Path.GetFileName(file.Statement))], ct);
        return paths.ToImmutable();
    }

    private static async Task<string> CopyAsync(string from, string to, CancellationToken ct)
    {
        await Durable.WriteAsync(to, async stream =>
        {
            await using var source = File.OpenRead(from);
            await source.CopyToAsync(stream, ct);
        }, ct);
        return to;
    }

    private static async Task RemoveOlderAsync((string Rpm, string Target, string Arch) cell, string folder, HashSet<string> current, CancellationToken ct)
    {
        foreach (var statement in Directory.EnumerateFiles(folder, "*" + Provenance.Suffix).ToArray())
        {
            if (!current.Contains(Path.GetFileName(statement))
                && Provenance.TryRead(await File.ReadAllBytesAsync(statement, ct)) is { } record
                && (record.Rpm, record.Target, record.Arch) == cell)
            {
                // The statement first: without it nobody takes the package for a result.
                File.Delete(statement);
                File.Delete(statement[..^Provenance.Suffix.Length] + ".rpm");
                File.Delete(statement[..^Provenance.Suffix.Length] + Sbom.Suffix);
            }
        }
    }
}
