using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What a build has left where rpmbuild puts packages. Foreign code wrote there, so number, kinds and names are judged before a byte is
/// copied, and the packages before anybody gets them; of what is refused, no copy stays.
/// </summary>
/// <param name="job">Says what was promised.</param>
/// <param name="container">Where it lies.</param>
internal sealed class BuildResults(BuildJob job, IContainer container)
{
    private const string Binaries = BuildMacros.TopFolder + "/RPMS";
    private const string SourcePackages = BuildMacros.TopFolder + "/SRPMS";

    /// <summary>A spec gives packages of one architecture, and <c>noarch</c>.</summary>
    private const int MostFolders = 16;

    /// <summary>No package is larger than this; a build that writes for ever must not fill the machine's disk twice.</summary>
    private const long SizeLimit = 8L * 1024 * 1024 * 1024;

    private ImmutableArray<string> Promised => [.. job.Target.Nevras, .. job.Target.Aside];

    private const int CopyBuffer = 1024 * 1024;

    /// <summary>Copies the packages, reads them whole and compares them with the plan.</summary>
    /// <param name="folder">Where the copies go.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>In the order of their names.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildResultWrong"/>.</exception>
    internal async Task<ImmutableArray<RpmFile>> CollectAsync(string folder, CancellationToken ct)
    {
        var found = await FindAsync(ct);
        if (Refuse(found, Promised.Length) is { } why)
        {
            throw Wrong(why);
        }

        var copies = found.Select(result => System.IO.Path.Combine(folder, result.Entry.Name)).ToList();
        RpmFile[] files;
        try
        {
            // Large packages are read beside each other, and all of them have an end before a copy of one is removed.
            files = await Task.WhenAll(found.Zip(copies, (result, copy) => Task.Run(async () =>
            {
                await CopyOutAsync(container, result.Path, copy, ct);
                return await ReadAsync(result, copy, ct);
            })));
            Compare(files);
        }
        catch
        {
            copies.ForEach(File.Delete);
            throw;
        }

        return [.. files.OrderBy(file => file.Nevra.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Brings a file of the container's tree to this machine.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>, and what reading it throws.</exception>
    internal static async Task CopyOutAsync(IContainer container, string path, string copy, CancellationToken ct)
    {
        await using var inside = await container.OpenReadAsync(path, SizeLimit, ct);
        try
        {
            await using var outside = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
            await inside.CopyToAsync(outside, CopyBuffer, ct);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{path}' of the container could not be copied to '{copy}': {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>Why these cannot be what a spec gives, as a sentence without its end; null when they can.</summary>
    /// <param name="found">What has the name of a package.</param>
    /// <param name="planned">How many packages the plan promises. For each, rpmbuild may make one for debuggers, and one with their sources.</param>
    internal static string? Refuse(IReadOnlyList<FoundResult> found, int planned)
    {
        if (found.Count > (2 * planned) + 1)
        {
            return $"the plan promises {planned} packages, but the build gave {found.Count}";
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var result in found)
        {
            var refusal = result.Entry.Kind is not ContainerEntryKind.File ? $"is {Word(result.Entry.Kind)} and no plain file"
                : !IsUsable(result.Entry.Name) ? "has a name that no package has"
                : !names.Add(result.Entry.Name) ? "has the name of another one"
                : null;
            if (refusal is not null)
            {
                return $"'{result.Path.ReplaceLineEndings("\\n")}', which the build gave, {refusal}";
            }
        }

        return null;
    }

    /// <summary>rpmbuild puts binary packages into one folder for each architecture, and source packages beside them.</summary>
    private async Task<List<FoundResult>> FindAsync(CancellationToken ct)
    {
        var archs = await container.ListAsync(Binaries, ct);
        if (archs.Length > MostFolders)
        {
            throw Wrong($"the build made {archs.Length} folders in '{Binaries}'");
        }

        var found = new List<FoundResult>();
        foreach (var folder in archs.Select(arch => $"{Binaries}/{arch.Name}").Append(SourcePackages))
        {
            found.AddRange(from entry in await container.ListAsync(folder, ct)
                           where entry.Name.EndsWith(".rpm", StringComparison.Ordinal)
                           select new FoundResult(folder, entry));
        }

        return found;
    }

    private async Task<RpmFile> ReadAsync(FoundResult result, string copy, CancellationToken ct)
    {
        RpmFile file;
        try
        {
            file = await RpmFile.ReadAsync(copy, ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.RpmMalformed || ex.Fault == Fault.RpmDamaged)
        {
            throw new ReleaseException(Fault.BuildResultWrong, $"{job}: '{result.Path}', which the build gave, is no package that could be used: {ex.Message}", inner: ex);
        }

        // Packages without their sources have an architecture of their own in the name alone.
        var name = result.Entry.Name.EndsWith(".nosrc.rpm", StringComparison.Ordinal) ? $"{result.Entry.Name[..^".nosrc.rpm".Length]}.src.rpm" : result.Entry.Name;
        return name == file.Nevra.FileName ? file : throw Wrong($"'{result.Path}', which the build gave, is {file.Nevra} inside");
    }

    private void Compare(RpmFile[] files)
    {
        var unplanned = Array.Find(files, file => !ExpectedNevra.IsDebugPackage(file.Nevra.Name) && !Promised.Any(nevra => ExpectedNevra.Allows(nevra, file.Nevra.ToString())));
        var missing = Promised.FirstOrDefault(nevra => !Array.Exists(files, file => ExpectedNevra.Allows(nevra, file.Nevra.ToString())));
        if (unplanned is not null || missing is not null)
        {
            var got = files.Length is 0 ? "nothing" : string.Join(", ", files.Select(file => file.Nevra));
            throw Wrong($"the plan promises {string.Join(", ", Promised)}, but the build gave {got}");
        }
    }

    private ReleaseException Wrong(string what) => new(Fault.BuildResultWrong, $"{job}: {what}.");

    /// <summary>What RPM allows in the parts of a name.</summary>
    private static bool IsUsable(string name) => name[0] is not ('.' or '-') && SafeName.IsPlain(name, "-._+~^");

    private static string Word(ContainerEntryKind kind) => kind switch
    {
        ContainerEntryKind.Folder => "a folder",
        ContainerEntryKind.Link => "a symbolic link",
        _ => "a FIFO, socket or device",
    };
}

/// <summary>Something that has the name of a package.</summary>
/// <param name="Folder">Where it lies in the container.</param>
/// <param name="Entry">Its name and kind.</param>
internal sealed record FoundResult(string Folder, ContainerEntry Entry)
{
    /// <summary>The whole path.</summary>
    internal string Path => $"{Folder}/{Entry.Name}";
}
