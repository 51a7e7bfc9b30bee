using DotnetRelease.Facts;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The signed-tag gate: reads the tag, the list of maintainers and the versions, decides, and writes the decision into the ledger.</summary>
/// <param name="workspace">The project.</param>
/// <param name="reporter">Hears what a person should look at.</param>
public sealed class TagRun(Workspace workspace, IReporter reporter)
{
    private readonly TagWorld _world = new(workspace.Folder);

    /// <summary>The time of the decision.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>git answers in milliseconds; what takes longer is a trap, such as configuration that is read from a pipe.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Decides on a tag.</summary>
    /// <exception cref="ReleaseException">The refusals of <see cref="TagGate"/> and <see cref="TagSignatureCheck"/>; they are in the ledger by then.</exception>
    public async Task<TagVerdict> VerifyAsync(TagRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var name = TagName.Parse(request.Tag);
        var ledger = Ledger.Open(Ledger.PathIn(workspace.Folder), reporter, Clock);
        var about = new TagFact(name.Text, request);
        try
        {
            var verdict = await WithinTimeAsync(limit => DecideAsync(name, request, new TagHistory(ledger.Facts, about), limit), ct);
            await RecordAsync(ledger, request, about.Accepted(verdict), ct);
            return verdict;
        }
        catch (ReleaseException refusal) when (refusal.Fault.Exit is ExitCode.Refused)
        {
            await RecordAsync(ledger, request, about.Refused(refusal), ct);
            throw;
        }
    }

    /// <summary>Fails when the tag is no longer the one that was accepted.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagMoved"/>.</exception>
    public async Task ConfirmAsync(TagVerdict verdict, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var name = TagName.Parse(verdict.Tag.Name);
        var refs = await WithinTimeAsync(limit => _world.FindRefsAsync(name, limit), ct);
        if (!string.Equals(refs.TagId, verdict.Tag.Id, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.TagMoved, $"{name.Ref} was {verdict.Tag.Id} when the release began, and is {refs.TagId} now.");
        }
    }

    private async Task<TagVerdict> DecideAsync(TagName name, TagRequest request, TagHistory history, CancellationToken ct)
    {
        var refs = await _world.FindRefsAsync(name, ct);
        var revision = request.Maintainers ?? refs.Origin ?? refs.Branch;
        var read = await _world.ReadTagAsync(refs, request.Commit ?? "HEAD", revision, ct);
        var tag = read.Tag;
        history.About.Tag = tag;
        var question = new TagQuestion(name, TagPattern.Parse(workspace.Settings.Project.TagPattern), request.Package, workspace.Settings.Project.Name)
        {
            Channel = request.Channel,
            Kinds = request.Kinds,
            Commit = Built(request, refs, read),
            Now = Clock.GetUtcNow(),
        };
        TagGate.Bind(tag, question);
        if (!string.Equals(read.Commit, tag.Target, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"{name.Ref} ({tag.Id}) tags {tag.Target}, which is no commit of this repository.") { Remedy = "In a shallow clone, fetch it: git fetch --tags" };
        }

        var list = ListOf(read, revision);
        history.About.ListCommit = list.Commit;

        // Keys and versions in one go; what the files say is looked at only when the signature is good.
        var sources = new VersionSources(workspace.Settings, request.Package ?? question.Pattern.Read(name.Text)?.Package ?? workspace.Settings.Project.Name);
        var keyFiles = TagSignatureCheck.KeyFilesOf(list, tag).Select(path => new CommittedFile(list.Commit, path)).ToList();
        var files = await _world.ReadFilesAsync([.. keyFiles, .. sources.Paths.Select(path => new CommittedFile(tag.Target, path))], ct);
        var keys = keyFiles.Where(files.ContainsKey).ToDictionary(file => file.Path, file => files[file], StringComparer.Ordinal);
        var signer = await new TagSignatureCheck(list, keys).CheckAsync(tag, ct);
        history.About.Signer = signer;
        reporter.Detail($"{name.Ref} ({tag.Id}) is signed by {signer}; the list is that of {revision}, {list.Commit}.");

        var (version, package) = TagGate.ReadName(question);
        (history.About.Package, history.About.Version) = (package, version);
        TagGate.Permit(signer, list, question, package);
        question = question with
        {
            Claims = sources.Read(path => files.TryGetValue(new(tag.Target, path), out var bytes) ? bytes : throw new CommittedFile(tag.Target, path).Missing(), path => new CommittedFile(tag.Target, path).Label),
            Past = [.. history.ReleasedOf(package), .. request.Past],
            Accepted = history.Accepted,
        };
        return TagGate.Judge(tag, signer, list, question);
    }

    /// <summary>The commit that the tag has to name, or null when nothing is built here.</summary>
    private string? Built(TagRequest request, TagRefs refs, TagBytes read)
    {
        if (request.Commit is not null || refs.Branch is null)
        {
            return read.Built;
        }

        if (!string.Equals(read.Built, read.Tag.Target, StringComparison.Ordinal))
        {
            reporter.Warning($"What is checked out is {read.Built}, and the tag names {read.Tag.Target}; build only that (--commit HEAD makes this an error).");
        }

        return null;
    }

    private static MaintainerList ListOf(TagBytes read, string? revision) => read.ListCommit is not { } commit
        ? throw ProtectedList.NobodySays()
        : read.List ?? throw new ReleaseException(Fault.MaintainersMissing, $"There is no {MaintainerList.FileName} in commit {commit} ({revision}), so nobody may release anything.")
        {
            Remedy = $"Write one beside {Planning.Settings.FileName} on the protected branch; docs/tags.md shows it.",
        };

    private async Task<T> WithinTimeAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            return await work(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ReleaseException(Fault.ToolFailed, $"git or gpg did not answer within {Patience.TotalSeconds:0} seconds in '{workspace.Folder}'.")
            {
                Remedy = "Look at the repository's configuration (.git/config): an include of something that is no file?",
            };
        }
    }

    private static Task RecordAsync(Ledger ledger, TagRequest request, Fact fact, CancellationToken ct) =>
        request.IsDryRun || TagFact.IsKnown(ledger.Facts, fact) ? Task.CompletedTask : ledger.AppendAsync(fact, ct);
}
