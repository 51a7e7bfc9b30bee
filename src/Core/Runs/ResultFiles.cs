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
    /// <returns>The packages where they are now.</returns>
    public static async Task<ImmutableArray<RpmFile>> CommitAsync(BuildJob job, BuiltRpms built, string folder, CancellationToken ct)
    {
        var materials = await BuildMaterials.ReadAsync(job, built.Root, ct) with { Licenses = WheelLicenses.Of(job.Sources) };
        var files = ImmutableArray.CreateBuilder<RpmFile>();
        foreach (var file in built.Files.Where(file => job.Keeps(file.Nevra)))
        {
            files.Add(await MoveAsync(file, Path.Combine(folder, file.Nevra.FileName), ct));
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
            var statement = Encoding.UTF8.GetBytes(Provenance.Write(materials, file, files.ToImmutable(), documents.ToImmutable()));
            await Durable.WriteAsync(Path.Combine(folder, Provenance.FileNameFor(file.Nevra)), statement, ct);
        }

        await RemoveOlderAsync((job.Rpm.Name, job.Target.Name, job.Target.Arch), folder, [.. files.Select(file => Provenance.FileNameFor(file.Nevra))], ct);
        return files.ToImmutable();
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

    /// <summary>What was read whole in the work folder is the same file under its last name, except where that is on another disk.</summary>
    private static async Task<RpmFile> MoveAsync(RpmFile file, string to, CancellationToken ct)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            Durable.Commit(file.Path, to);
            return file with { Path = to };
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // Where that does not work either, it says why.
            return await RpmFile.ReadAsync(await CopyAsync(file.Path, to, ct), ct);
        }
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
