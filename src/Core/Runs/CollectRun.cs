using System.Collections.Immutable;
using DotnetRelease.Building;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// Joins what the jobs of a build matrix made, each on a machine of its own, into one result folder. Nothing is taken on trust: each
/// package has to be the one that the statement beside it describes, and each statement has to be about a build of the plan.
/// </summary>
/// <param name="workspace">The project.</param>
/// <param name="plan">What had to be built, made here and not brought along.</param>
public sealed class CollectRun(Workspace workspace, ReleasePlan plan)
{
    /// <summary>Every package is in several statements and is read once.</summary>
    private readonly Dictionary<string, RpmFile> _read = new(StringComparer.Ordinal);

    /// <summary>Proves everything that was downloaded. Reads only.</summary>
    /// <param name="folders">Full paths of folders with artefacts, at any depth.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.CollectUnknown"/>, <see cref="Fault.CollectAltered"/>, <see cref="Fault.CollectMissing"/>, <see cref="Fault.RpmMalformed"/>.
    /// </exception>
    public async Task<ImmutableArray<CollectedBuild>> ProveAsync(ImmutableArray<string> folders, CancellationToken ct)
    {
        var builds = new Dictionary<(string Rpm, string Target, string Arch), CollectedBuild>();
        var files = folders.SelectMany(Files).ToImmutableArray();
        HashSet<string> described = new(StringComparer.Ordinal);
        foreach (var path in files.Where(path => path.EndsWith(Provenance.Suffix, StringComparison.Ordinal)))
        {
            var build = await ProveAsync(path, ct);
            described.UnionWith(build.Files.Select(file => file.Package));
            var cell = (build.Record.Rpm, build.Record.Target, build.Record.Arch);
            if (!builds.TryGetValue(cell, out var other))
            {
                builds.Add(cell, build);
            }
            else if (!other.Record.Files.ToHashSet().SetEquals(build.Record.Files) || !other.Record.Documents.ToHashSet().SetEquals(build.Record.Documents))
            {
                throw new ReleaseException(Fault.CollectAltered, $"'{path}' and '{other.Files[0].Statement}' are about the same build and name other files.");
            }
        }

        if (files.FirstOrDefault(path => path.EndsWith(".rpm", StringComparison.Ordinal) && !described.Contains(path)) is { } stray)
        {
            throw new ReleaseException(Fault.CollectUnknown, $"No statement of a build of this plan is beside '{stray}'.");
        }

        RefuseMissing(builds.Keys);
        return RefuseClash([.. plan.Rpms.SelectMany(rpm => rpm.Targets.Select(target => builds.GetValueOrDefault((rpm.Name, target.Name, target.Arch)))).OfType<CollectedBuild>()]);
    }

    /// <summary>Puts proven builds into the result folders, as <c>rpm</c> would have left them.</summary>
    public async Task<ImmutableArray<RpmResult>> CommitAsync(ImmutableArray<CollectedBuild> builds, string output, CancellationToken ct)
    {
        var results = ImmutableArray.CreateBuilder<RpmResult>();
        foreach (var build in builds)
        {
            var paths = await ResultFiles.CommitAsync(build, workspace.Resolve(Path.Combine(output, build.Record.Target)), ct);
            var packages = await Task.WhenAll(paths.Select(path => RpmFile.ReadAsync(path, ct)));
            if (packages.Zip(build.Files).FirstOrDefault(pair => pair.First.Sha256 != pair.Second.Built.Digest) is ({ } copy, { } file))
            {
                throw new ReleaseException(Fault.CollectAltered, $"'{file.Package}' changed while it was copied to '{copy.Path}'.");
            }

            results.Add(new RpmResult(build.Record.Rpm, build.Record.Target, RpmState.Built) { Arch = build.Record.Arch, Files = [.. packages.Select(file => new ResultFile(file, null))] });
        }

        return results.ToImmutable();
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            // Links in an artefact lead to places that nobody meant.
            return Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false })
                .Order(StringComparer.Ordinal).ToList();
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{folder}' could not be listed: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private async Task<CollectedBuild> ProveAsync(string statement, CancellationToken ct)
    {
        var record = new FileInfo(statement).Length <= Provenance.SizeLimit ? Provenance.TryRead(await File.ReadAllBytesAsync(statement, ct)) : null;
        if (record is null)
        {
            throw new ReleaseException(Fault.CollectUnknown, $"'{statement}' is no statement of this program.");
        }

        var planned = plan.Rpms.Where(rpm => rpm.Name == record.Rpm).SelectMany(rpm => rpm.Targets).FirstOrDefault(target => target.Name == record.Target && target.Arch == record.Arch)
            ?? throw new ReleaseException(Fault.CollectUnknown, $"'{statement}' is about {Cell(record.Rpm, record.Target, record.Arch)}, which is not in the plan.");
        if (planned.InputsKey != record.InputsKey)
        {
            throw new ReleaseException(
                Fault.CollectUnknown, $"'{statement}' was built from other inputs ({record.InputsKey}) than this plan has for {Cell(record.Rpm, record.Target, record.Arch)} ({planned.InputsKey}).");
        }

        var files = ImmutableArray.CreateBuilder<CollectedFile>();
        foreach (var file in record.Files)
        {
            files.Add(await ProveAsync(file, statement, ct));
        }

        var documents = ImmutableArray.CreateBuilder<string>();
        foreach (var document in record.Documents)
        {
            documents.Add(await ProveAsync(document, statement, ct));
        }

        return new CollectedBuild(record, files.ToImmutable(), documents.ToImmutable());
    }

    private static async Task<string> ProveAsync(BuiltDocument document, string statement, CancellationToken ct)
    {
        var path = Beside(statement, document.Name);
        var digest = await Digest.OfFileAsync(path, ct);
        return digest == document.Digest
            ? path
            : throw new ReleaseException(Fault.CollectAltered, $"'{path}' has {digest}; the statement '{Path.GetFileName(statement)}' says {document.Digest}.");
    }

    private static string Beside(string statement, string name)
    {
        if (SafeName.Refuse(name) is { } why)
        {
            throw new ReleaseException(Fault.CollectAltered, $"'{statement}' names a file that {why}.");
        }

        var path = Path.Combine(Path.GetDirectoryName(statement)!, name);
        return File.Exists(path) ? path : throw new ReleaseException(Fault.CollectMissing, $"'{statement}' names '{name}', which is not beside it.");
    }

    private async Task<CollectedFile> ProveAsync(BuiltFile file, string statement, CancellationToken ct)
    {
        var path = Beside(statement, file.Name);
        if (!_read.TryGetValue(path, out var package))
        {
            _read[path] = package = await RpmFile.ReadAsync(path, ct);
        }

        if (package.Sha256 != file.Digest || package.HeaderSha256 != file.HeaderDigest || package.Nevra.FileName != file.Name)
        {
            throw new ReleaseException(Fault.CollectAltered, $"'{path}' is {package.Nevra} with {package.Sha256}; the statement beside it says {file.Name} with {file.Digest}.");
        }

        var own = Path.Combine(Path.GetDirectoryName(statement)!, Provenance.FileNameFor(package.Nevra));
        return File.Exists(own)
            ? new CollectedFile(path, own, file)
            : throw new ReleaseException(Fault.CollectMissing, $"'{path}' has no statement '{Path.GetFileName(own)}' beside it.");
    }

    private void RefuseMissing(IEnumerable<(string Rpm, string Target, string Arch)> found)
    {
        var missing = BuildMatrix.Of(plan).Cells.Where(cell => !found.Contains((cell.Rpm, cell.Target, cell.Arch))).Select(cell => Cell(cell.Rpm, cell.Target, cell.Arch)).ToList();
        if (missing.Count > 0)
        {
            throw new ReleaseException(Fault.CollectMissing, $"The plan asks for more than the folders hold: {string.Join(", ", missing)}.");
        }
    }

    /// <summary>A target has one folder: two builds may not put other bytes under one name into it.</summary>
    private static ImmutableArray<CollectedBuild> RefuseClash(ImmutableArray<CollectedBuild> builds)
    {
        var clash = builds.SelectMany(build => build.Files.Select(file => (build.Record.Target, file.Built.Name, file.Built.Digest, file.Package)))
            .GroupBy(file => (file.Target, file.Name)).FirstOrDefault(same => same.Select(file => file.Digest).Distinct().Count() > 1);
        return clash is null
            ? builds
            : throw new ReleaseException(Fault.CollectAltered, $"Two builds gave other bytes for {clash.Key.Name} on {clash.Key.Target}: {string.Join(" and ", clash.Select(file => $"'{file.Package}'"))}.")
            {
                Remedy = "Build for one machine per target, or give each machine a target of its own.",
            };
    }

    private static string Cell(string rpm, string target, string arch) => $"{rpm} on {target} ({arch})";
}

/// <summary>A build that another job made, proven to be one of the plan.</summary>
/// <param name="Record">What its statement says.</param>
/// <param name="Files">Its packages, in the order of the statement.</param>
/// <param name="Documents">Full paths of what is about them, in the order of the statement.</param>
public sealed record CollectedBuild(BuildRecord Record, ImmutableArray<CollectedFile> Files, ImmutableArray<string> Documents);

/// <summary>A package that another job made.</summary>
/// <param name="Package">Full path of it.</param>
/// <param name="Statement">Full path of the statement beside it.</param>
/// <param name="Built">What the statement says about it.</param>
public sealed record CollectedFile(string Package, string Statement, BuiltFile Built);
