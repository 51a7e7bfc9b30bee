using DotnetRelease.GitHub;

namespace DotnetRelease.Runs;

/// <summary>The steps of a release on GitHub in their order: what <c>github upload</c> does.</summary>
/// <param name="workspace">The project.</param>
/// <param name="run">The steps.</param>
/// <param name="reporter">Hears what happens.</param>
public sealed class GitHubUpload(Workspace workspace, GitHubRun run, IReporter reporter)
{
    /// <summary>Plan, seal, draft, upload, and with <paramref name="publish"/> publish and verify.</summary>
    /// <exception cref="ReleaseException">What the steps say.</exception>
    public async Task<GitHubResult> RunAsync(GitHubOptions options, bool publish, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var token = await run.Tokens(options).RequireAsync(ct);
        GitHubPlan plan;
        SealedRelease release;
        using (reporter.Stage("checksums"))
        {
            plan = await run.PlanAsync(options, token, ct);
            release = await run.SealAsync(plan, ct);
        }

        using var session = await run.ConnectAsync(token, ct);
        var notes = await new NotesRun(workspace).WriteAsync(plan.Tag, options.Notes, () => Task.FromResult(session), ct);
        DraftReceipt draft;
        using (reporter.Stage("draft"))
        {
            draft = await session.EnsureDraftAsync(release, notes, ct);
        }

        UploadReceipt upload;
        using (reporter.Stage("upload"))
        {
            (upload, release) = await session.UploadAsync(release, draft, ct);
        }

        var result = new GitHubResult(release, draft, upload);
        if (!publish)
        {
            return result;
        }

        using (reporter.Stage("publish"))
        {
            result = result with { Published = await session.PublishAsync(release, draft, ct) };
        }

        return release.Signature is null ? result : result with { Report = await VerifyAsync(session, release, ct) };
    }

    /// <summary>As a stranger; only a private repository has none.</summary>
    private async Task<ReleaseReport> VerifyAsync(GitHubSession session, SealedRelease release, CancellationToken ct)
    {
        using var stage = reporter.Stage("verify");
        using var stranger = session.Repository is { IsPrivate: false } ? await run.ConnectAsync(null, ct) : null;
        var report = await (stranger ?? session).VerifyAsync(release.Plan.Tag.Name, release.Signature!.Certificate, ct);
        return report.IsGood ? report : throw report.ToFault();
    }
}

/// <summary>What a run of <see cref="GitHubUpload"/> has proven.</summary>
/// <param name="Sealed">What was to be released.</param>
/// <param name="Draft">The release it went into.</param>
/// <param name="Upload">That it has every file.</param>
public sealed record GitHubResult(SealedRelease Sealed, DraftReceipt Draft, UploadReceipt Upload)
{
    /// <summary>That it is public; null when nobody asked for that.</summary>
    public PublishReceipt? Published { get; init; }

    /// <summary>That strangers get it; null when it is not public, or not signed.</summary>
    public ReleaseReport? Report { get; init; }
}
