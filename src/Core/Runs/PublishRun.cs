using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// From files to repositories: every file is checked against the signing key, every repository against what it would get, and only
/// then the first one is touched.
/// </summary>
/// <param name="workspace">The project.</param>
/// <param name="reporter">Hears what happens.</param>
public sealed class PublishRun(Workspace workspace, IReporter reporter)
{
    /// <summary>The keyring with the secret key, and for checking the public one.</summary>
    public Gpg Gpg { get; init; } = new();

    /// <summary>Whether the project's ledger is told; not when whoever asked tells it more than a publication knows.</summary>
    public bool WritesFacts { get; init; } = true;

    private readonly PublishTargets _targets = new(workspace.Settings, workspace.Folder);

    /// <summary>Checks files and says where each goes. Reads public keys only.</summary>
    /// <param name="files">Full paths; none: the results of every target.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.RpmNotSigned"/> and the other verdicts on a file, <see cref="Fault.PackageConfined"/>, and those of the settings.
    /// </exception>
    public async Task<ImmutableArray<PublishJob>> PrepareAsync(ImmutableArray<string> files, PublishOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var repository = _targets.Repository(options.Repository);
        var certificate = await Gpg.ExportAsync(KeyName(), armor: false, ct);
        await using var verifier = await RpmVerifier.OpenAsync([certificate], ct);
        var verified = await verifier.VerifyAsync(files.IsEmpty ? _targets.AllFiles() : Existing(files), ct);
        ImmutableArray<PublishJob> jobs =
        [
            .. from signed in verified.Select(one => one.Accept()).ToList()
               group signed by _targets.TargetOf(signed.File.Path) into packages
               select new PublishJob(packages.Key.Name, WithRevision(_targets.PlaceOf(repository, packages.Key), options.Revision), [.. packages]),
        ];
        var admission = await Admission.ReadAsync(workspace.Folder, options.Admission, ct);
        foreach (var job in jobs)
        {
            await admission.DemandAsync(repository.Name, job.Packages, ct);
        }

        return jobs;
    }

    /// <summary>What <see cref="PublishAsync"/> would do, one line for each action.</summary>
    public static async Task<ImmutableArray<string>> PreviewAsync(ImmutableArray<PublishJob> jobs, PublishOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var actions = ImmutableArray.CreateBuilder<string>();
        foreach (var job in jobs)
        {
            actions.AddRange(await Publisher.PreviewAsync(new PublishPreview(job.Place, job.Packages) { AllowDowngrade = options.AllowDowngrade }, ct));
        }

        return actions.ToImmutable();
    }

    /// <summary>Publishes one repository after the other. A failure ends its own repository, and is thrown only when all of them failed.</summary>
    public async Task<ImmutableArray<PublishResult>> PublishAsync(ImmutableArray<PublishJob> jobs, PublishOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var key = await (await MetadataKey.FindAsync(Gpg, KeyName(), ct)).WithCompanionsAsync(workspace.Settings.Signing!.Companions, ct);
        var ledger = Ledger.Open(Ledger.PathIn(workspace.Folder), reporter);
        foreach (var job in jobs.Skip(1).Any() ? jobs : [])
        {
            // A conflict in the last repository should not be found after the first one was changed.
            await Publisher.CheckAsync(new PublishPreview(job.Place, job.Packages) { AllowDowngrade = options.AllowDowngrade }, ct);
        }

        var (publisher, tools) = (new Publisher(reporter, TimeProvider.System), new LifeTools(key, workspace.Settings.Project.Name, reporter, ledger));
        var results = ImmutableArray.CreateBuilder<PublishResult>(jobs.Length);
        foreach (var job in jobs)
        {
            using var stage = reporter.Stage($"publish {job.Target}");
            if (workspace.Settings.FindTarget(job.Target)?.EndOfLife is { } end && DateOnly.FromDateTime(DateTime.UtcNow) is var today && end.IsNear(today))
            {
                reporter.Warning($"Target '{job.Target}' {end.Say(today)}.");
            }

            var target = new RepositoryTarget(_targets.Repository(options.Repository), workspace.Settings.FindTarget(job.Target)!, job.Place);
            var request = new PublishRequest(job.Place, job.Packages, key)
            {
                Project = workspace.Settings.Project.Name,
                AllowDowngrade = options.AllowDowngrade,
                Act = options.IsPromotion ? RecordedAct.Promoted : RecordedAct.Published,
                Facts = WritesFacts ? new PublishFacts(ledger, target.Repository.Name, job.Target) : null,
                Recall = WritesFacts ? state => LedgerGap.CloseAsync(tools, target, state) : null,
            };
            try
            {
                results.Add(new PublishResult(job, await publisher.PublishAsync(request, ct), null));
            }
            catch (ReleaseException ex) when (jobs.Length > 1)
            {
                results.Add(new PublishResult(job, null, ex));
            }
        }

        return results.All(result => result.Failure is not null) && results is [{ Failure: { } first }, ..] ? throw first : results.ToImmutable();
    }

    private static RepositoryPlace WithRevision(RepositoryPlace place, long? revision) => place with { Style = place.Style with { Revision = revision } };

    private static ImmutableArray<string> Existing(ImmutableArray<string> files) => files.FirstOrDefault(file => !File.Exists(file)) is { } missing
        ? throw new ReleaseException(Fault.FileUnreadable, $"There is no file '{missing}'.")
        : files;

    private string KeyName() => workspace.Settings.Signing?.Key
        ?? throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: the settings have no signing.key.") { Remedy = "See the fingerprints: gpg --list-secret-keys" };
}

/// <summary>What the user asked of a publication.</summary>
/// <param name="Repository">The settings' name of the repository; null: the only one.</param>
/// <param name="AllowDowngrade">Publish a version that is older than what is there.</param>
public sealed record PublishOptions(string? Repository, bool AllowDowngrade)
{
    /// <summary>Whether the packages come from another repository of the project, so that the repository's record says so.</summary>
    public bool IsPromotion { get; init; }

    /// <summary>The revision that new metadata gets; null: it follows from the packages and from what is served.</summary>
    public long? Revision { get; init; }

    /// <summary>Whose rules decide what may go where.</summary>
    public AdmissionChoice Admission { get; init; } = new(null, null);
}

/// <summary>How one repository ended.</summary>
/// <param name="Job">What was to be done.</param>
/// <param name="Receipt">The proof that it was.</param>
/// <param name="Failure">Why it was not.</param>
public sealed record PublishResult(PublishJob Job, Receipt? Receipt, ReleaseException? Failure);
