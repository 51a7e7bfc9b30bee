using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Sources;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The tag that a source is made from: found in its repository, and held against what the settings demand of it.</summary>
internal sealed class SourceTag(Workspace workspace, SourceRule rule, string version)
{
    private readonly GitSource _source = rule.Git!;
    private readonly TagName _name = TagName.Parse(rule.Git!.TagOf(version));

    /// <summary>The time of the decision.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Finds the commit.</summary>
    /// <param name="folder">For a clone of another repository; not there yet.</param>
    /// <param name="ct">Ends git and gpg.</param>
    /// <exception cref="ReleaseException">What <see cref="FetchedTag"/>, <see cref="TagGate"/> and <see cref="TagSignatureCheck"/> throw.</exception>
    internal async Task<GitArchive> FindAsync(string folder, CancellationToken ct)
    {
        var git = Repository is { } url ? await FetchedTag.GetAsync(url, _name.Ref, folder, ct) : new Git(workspace.Folder) { IsUntrusted = true };
        var refs = await git.FindRefsAsync([_name.Ref], ct);
        if (refs is not [{ Symbolic: null, Id: var id }])
        {
            throw new ReleaseException(Fault.TagUnknown, $"{Where} has no {_name.Ref} of its own.", rule.Position) { Remedy = "See what is there with 'git tag --list'; fetch it with 'git fetch --tags'." };
        }

        // The tag is followed last: where its type line lies, git keeps the wrong type in mind for what is asked afterwards.
        var found = await git.FindObjectsAsync([id, $"{id}^{{commit}}"], ct);
        if (found is not [{ } tag, { } commit])
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"{_name.Ref} of {Where} ({id}) names no commit that is there.", rule.Position) { Remedy = "In a shallow clone, fetch it: git fetch --tags" };
        }

        if (_source.Commit is { } wanted && !string.Equals(wanted, commit.Id, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"{_name.Ref} of {Where} names commit {commit.Id}, and the settings expect {wanted}.", rule.Position)
            {
                Remedy = "Find out whether the tag was moved. After a bump, write the commit of the new tag.",
            };
        }

        if (rule.SignedBy is { } signers)
        {
            await DemandSignatureAsync(git, tag, commit.Id, signers, ct);
        }

        return new GitArchive(git, commit.Id, Folder);
    }

    private string Folder => _source.Folder?.Replace(SourceRule.Version, version, StringComparison.Ordinal)
        ?? GitArchive.StemOf(rule.File.Replace(SourceRule.Version, version, StringComparison.Ordinal))!;

    private Uri? Repository => _source.Repository is not { } url ? null
        : url.ToPath(workspace.Folder) is { } path ? new Uri("file://" + path)
        : new Uri(url.Text);

    private string Where => _source.Repository?.Text ?? "this repository";

    private async Task DemandSignatureAsync(Git git, GitObject found, string commit, SourceSigners signers, CancellationToken ct)
    {
        if (found.Type is not "tag")
        {
            throw new ReleaseException(Fault.TagNotSigned, $"{_name.Ref} of {Where} names the {found.Type} {found.Id} itself; only a tag object can be signed.", rule.Position);
        }

        if (found.Size > TagObject.SizeLimit)
        {
            throw TagObject.TooLarge(found.Id, found.Size);
        }

        var tag = TagObject.Parse((await git.ReadObjectsAsync([found], ct))[0], found.Id);
        var question = new TagQuestion(_name, TagPattern.Parse(_source.Tag), null, Where) { Commit = commit, Now = Clock.GetUtcNow() };
        TagGate.Bind(tag, question);
        var (list, keys) = await SourceKeys.ReadAsync(workspace, signers, rule.Position, ct);
        var signer = await new TagSignatureCheck(list, keys).CheckAsync(tag, ct);
        TagGate.Judge(tag, signer, list, question);
    }
}
