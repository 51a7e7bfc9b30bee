using System.Collections.Immutable;
using DotnetRelease.Processes;
using DotnetRelease.Tags;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>Reads from git what a decision on a tag needs. Everything is an object by its id; nothing comes from the work tree.</summary>
internal sealed class TagWorld(string folder)
{
    private readonly Git _git = new(folder) { IsUntrusted = true };

    /// <summary>The tag's ref with what may be mistaken for it, and the places where the list may be.</summary>
    internal async Task<TagRefs> FindRefsAsync(TagName name, CancellationToken ct)
    {
        if (!new ProtectedList(folder).HasRepository)
        {
            throw new ReleaseException(Fault.TagUnknown, $"'{folder}' is in no git repository, so there is no {name.Ref}.") { Remedy = "Name the project's folder with -C." };
        }

        var branchName = $"refs/heads/{name}";
        var current = _git.CurrentBranchAsync(ct);
        var refs = (await _git.FindRefsAsync([name.Ref, branchName, ProtectedList.OriginHead], ct)).ToDictionary(each => each.Name, StringComparer.Ordinal);
        if (!refs.TryGetValue(name.Ref, out var tag))
        {
            throw new ReleaseException(Fault.TagUnknown, $"There is no {name.Ref} in '{folder}'.") { Remedy = "See what is there with 'git tag --list'; fetch it with 'git fetch --tags'." };
        }

        if (tag.Symbolic is { } other)
        {
            throw new ReleaseException(Fault.TagRenamed, $"{name.Ref} only stands for {other}.");
        }

        if (refs.ContainsKey(branchName))
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"There is a branch of the same name, {branchName}; 'git checkout {name}' would take that and not the tag.")
            {
                Remedy = "Rename or remove the branch.",
            };
        }

        return new(name, tag.Id, await current, refs.ContainsKey(ProtectedList.OriginHead) ? ProtectedList.OriginHead : null);
    }

    /// <summary>The tag object and the list of maintainers, with as few calls as there can be: git is half of the time that a decision takes.</summary>
    /// <param name="refs">The tag.</param>
    /// <param name="built">The revision that is built, or checked out.</param>
    /// <param name="list">The revision that has the list; null when nobody knows one.</param>
    /// <param name="ct">Ends git.</param>
    internal async Task<TagBytes> ReadTagAsync(TagRefs refs, string built, string? list, CancellationToken ct)
    {
        // The tag is followed last: where its type line lies, git keeps the wrong type in mind for what is asked afterwards.
        string[] names = [refs.TagId, $"{built}^{{commit}}", .. list is null ? (string[])[] : ProtectedList.NamesAt(list), $"{refs.TagId}^{{commit}}"];
        var found = await _git.FindObjectsAsync(names, ct);
        var tag = found[0] ?? throw new ReleaseException(Fault.TagUnknown, $"The tag object {refs.TagId} is not in '{folder}'.") { Remedy = "Fetch it: git fetch --tags" };
        if (tag.Type is not "tag")
        {
            throw new ReleaseException(Fault.TagNotSigned, $"{refs.Name.Ref} names the {tag.Type} {tag.Id} itself; only a tag object can be signed.");
        }

        if (found[1] is not { } commit)
        {
            throw new ReleaseException(Fault.RevisionUnknown, $"'{built}' names no commit in '{folder}'.") { Remedy = "Name what is built: --commit HEAD" };
        }

        if (tag.Size > TagObject.SizeLimit)
        {
            throw TagObject.TooLarge(tag.Id, tag.Size);
        }

        var (listCommit, blob) = list is null ? default : ProtectedList.Found(list, folder, found[2], found[3]);
        var contents = await _git.ReadObjectsAsync(blob is null ? [tag] : [tag, blob], ct);
        return new(TagObject.Parse(contents[0], tag.Id), found[^1]?.Id, commit.Id)
        {
            ListCommit = listCommit,
            List = blob is null ? null : MaintainerList.Parse(contents[1].Span, listCommit!),
        };
    }

    /// <summary>Files of commits; what is not there is left out.</summary>
    internal async Task<IReadOnlyDictionary<CommittedFile, byte[]>> ReadFilesAsync(ImmutableArray<CommittedFile> files, CancellationToken ct)
    {
        var contents = new Dictionary<CommittedFile, byte[]>();
        if (files.IsEmpty)
        {
            return contents;
        }

        var found = await _git.FindObjectsAsync([.. files.Select(file => $"{file.Commit}:./{file.Path}")], ct);
        var (blobs, there) = (new List<GitObject>(), new List<CommittedFile>());
        for (var i = 0; i < files.Length; i++)
        {
            if (found[i] is { Type: "blob" } blob)
            {
                blobs.Add(blob.Size <= TomlReader.SizeLimit ? blob : throw TomlReader.TooLarge(files[i].Label, blob.Size));
                there.Add(files[i]);
            }
        }

        var bytes = await _git.ReadObjectsAsync(blobs, ct);
        for (var i = 0; i < there.Count; i++)
        {
            contents[there[i]] = bytes[i].ToArray();
        }

        return contents;
    }
}

/// <summary>A file of a commit.</summary>
/// <param name="Commit">Full id.</param>
/// <param name="Path">Relative to the settings' folder.</param>
internal sealed record CommittedFile(string Commit, string Path)
{
    /// <summary>How positions name it.</summary>
    internal string Label
    {
        get
        {
            const int enough = 12;
            return $"{Commit[..enough]}:{Path}";
        }
    }

    /// <summary>The failure to throw when the file has to be there to compare its version.</summary>
    internal ReleaseException Missing() => new(Fault.TagVersionDiffers, $"The tagged commit {Commit} has no file '{Path}', whose version has to be compared.")
    {
        Remedy = "Commit it, or take it out of the settings.",
    };
}

/// <summary>What refs say about a tag.</summary>
/// <param name="Name">The tag's own name.</param>
/// <param name="TagId">Id of the tag object.</param>
/// <param name="Branch">Full name of the branch that is checked out, or null.</param>
/// <param name="Origin">Full name of the ref for the default branch of <c>origin</c>, or null.</param>
internal sealed record TagRefs(TagName Name, string TagId, string? Branch, string? Origin);

/// <summary>What objects say about a tag.</summary>
/// <param name="Tag">The tag object.</param>
/// <param name="Commit">Id of the commit that it leads to; null when what it names is missing, or is not what its type line says.</param>
/// <param name="Built">Id of the commit that is built, or checked out.</param>
internal sealed record TagBytes(TagObject Tag, string? Commit, string Built)
{
    /// <summary>Id of the commit that was asked for the list; null when none was.</summary>
    internal string? ListCommit { get; init; }

    /// <summary>The list; null when the commit has none.</summary>
    internal MaintainerList? List { get; init; }
}
