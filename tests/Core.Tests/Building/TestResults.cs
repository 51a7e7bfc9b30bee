using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>What a build leaves in its folder: the packages of an RPM that <see cref="TestJob"/> plans, and beside each an SBOM and a statement.</summary>
internal static class TestResults
{
    public static async Task WriteAsync(string folder, string rpm, CancellationToken ct)
    {
        var built = await RpmFactory.BuildAsync(new(rpm));
        Directory.CreateDirectory(folder);
        ImmutableArray<RpmFile> files = [await CopyAsync(built.Binary, folder, ct), await CopyAsync(built.Source, folder, ct)];
        var materials = TestJob.Materials(rpm);
        var documents = ImmutableArray.CreateBuilder<BuiltDocument>();
        foreach (var file in files)
        {
            var text = Sbom.Write(materials, file, await RpmPackage.ReadAsync(file.Path, ct));
            documents.Add(new(Sbom.FileNameFor(file.Nevra), Digest.Of(text)));
            await File.WriteAllTextAsync(Path.Combine(folder, documents[^1].Name), text, ct);
        }

        foreach (var file in files)
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, Provenance.FileNameFor(file.Nevra)), Provenance.Write(materials, file, files, documents.ToImmutable()), ct);
        }
    }

    private static async Task<RpmFile> CopyAsync(string package, string folder, CancellationToken ct)
    {
        var copy = Path.Combine(folder, Path.GetFileName(package));
        File.Copy(package, copy);
        return await RpmFile.ReadAsync(copy, ct);
    }
}
