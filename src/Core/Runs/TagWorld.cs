using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Tags;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>Reads from git what a decision on a tag needs. Everything is an object by its id; nothing comes from the work tree.</summary>
internal sealed class TagWorld(string folder, Settings settings)
{
    private readonly Git _git = new(folder) { IsUntrusted = true };

    /// <summary>The tag's ref with what may be mistaken for it, and the places where the list may be.</summary>
    internal async Task<TagRefs> FindRefsAsync(TagName name, CancellationToken ct)
    {
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

    /// <summary>The tag object, the commit that git finds behind it, if any, and the commit of a revision.</summary>
    internal async Task<TagBytes> ReadTagAsync(TagRefs refs, string revision, CancellationToken ct)
    {
        // The tag is followed last: where its type line lies, git keeps the wrong type in mind for what is asked afterwards.
        var found = await _git.FindObjectsAsync([refs.TagId, $"{revision}^{{commit}}", $"{refs.TagId}^{{commit}}"], ct);
        var tag = found[0] ?? throw new ReleaseException(Fault.TagUnknown, $"The tag object {refs.TagId} is not in '{folder}'.") { Remedy = "Fetch it: git fetch --tags" };
        if (tag.Type is not "tag")
        {
            throw new ReleaseException(Fault.TagNotSigned, $"{refs.Name.Ref} names the {tag.Type} {tag.Id} itself; only a tag object can be signed.");
        }

        if (found[1] is not { } commit)
        {
            throw new ReleaseException(Fault.RevisionUnknown, $"'{revision}' names no commit in '{folder}'.") { Remedy = "Name what is built: --commit HEAD" };
        }

        return tag.Size <= TagObject.SizeLimit
            ? new(TagObject.Parse((await _git.ReadObjectsAsync([tag], ct))[0], tag.Id), found[2]?.Id, commit.Id)
            : throw TagObject.TooLarge(tag.Id, tag.Size);
    }

    /// <summary>Files of a commit; what is not there is left out.</summary>
    internal async Task<IReadOnlyDictionary<string, byte[]>> ReadFilesAsync(string commit, ImmutableArray<string> paths, CancellationToken ct)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (paths.IsEmpty)
        {
            return files;
        }

        var found = await _git.FindObjectsAsync([.. paths.Select(path => $"{commit}:./{path}")], ct);
        var (blobs, names) = (new List<GitObject>(), new List<string>());
        for (var i = 0; i < paths.Length; i++)
        {
            if (found[i] is { Type: "blob" } blob)
            {
                blobs.Add(blob.Size <= TomlReader.SizeLimit ? blob : throw TomlReader.TooLarge(LabelOf(commit, paths[i]), blob.Size));
                names.Add(paths[i]);
            }
        }

        var contents = await _git.ReadObjectsAsync(blobs, ct);
        for (var i = 0; i < names.Count; i++)
        {
            files[names[i]] = contents[i].ToArray();
        }

        return files;
    }

    /// <summary>What the files of a commit say about the version of a package.</summary>
    internal async Task<ImmutableArray<VersionClaim>> ReadClaimsAsync(string commit, string package, CancellationToken ct)
    {
        var sources = new VersionSources(settings, package);
        var files = await ReadFilesAsync(commit, sources.Paths, ct);
        return sources.Read(path => Needed(files, path, commit), path => LabelOf(commit, path));
    }

    private static byte[] Needed(IReadOnlyDictionary<string, byte[]> files, string path, string commit) => files.TryGetValue(path, out var bytes)
        ? bytes
        : throw new ReleaseException(Fault.TagVersionDiffers, $"The tagged commit {commit} has no file '{path}', whose version has to be compared.")
        {
            Remedy = "Commit it, or take it out of the settings.",
        };

    private static string LabelOf(string commit, string path)
    {
        const int enough = 12;
        return $"{commit[..enough]}:{path}";
    }
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
internal sealed record TagBytes(TagObject Tag, string? Commit, string Built);
