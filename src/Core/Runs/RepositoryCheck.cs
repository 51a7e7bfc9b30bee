using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Facts;
using DotnetRelease.Repositories;

namespace DotnetRelease.Runs;

/// <summary>Checks the repositories of the settings, each target, as its clients see it.</summary>
/// <param name="workspace">The project.</param>
/// <param name="reporter">Hears what happens.</param>
public sealed class RepositoryCheck(Workspace workspace, IReporter reporter)
{
    /// <summary>The present.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Checks every target of a repository; one without metadata is a problem of its own.</summary>
    /// <param name="choice">Which repository and targets.</param>
    /// <param name="request">What is expected of each; it has to have a door.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">Those of the settings and of the ledger.</exception>
    public async Task<ImmutableArray<TargetReport>> RunAsync(LifeChoice choice, VerifyRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(request);
        var reports = ImmutableArray.CreateBuilder<TargetReport>();
        foreach (var target in RepositoryTarget.Of(workspace, choice.Repository, choice.Targets))
        {
            using var stage = reporter.Stage($"verify {target}");
            var report = await RepositoryVerifier.VerifyAsync(target.Place.BaseUrl, Expect(target, request), ct);
            var notice = target.EndOfLifeNotice(Clock.GetUtcNow());
            reports.Add(new TargetReport(target, report with { Warnings = [.. report.Warnings, .. notice is null ? (string[])[] : [notice]] }));
        }

        return reports.ToImmutable();
    }

    /// <summary>The settings' name of the repository that an address means, and of the target if it is one target's; null when it means none.</summary>
    public LifeChoice? Find(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        foreach (var repository in workspace.Settings.Repositories)
        {
            if (repository.BaseUrl is { } root && Same(root, url))
            {
                return new LifeChoice(repository.Name, []);
            }

            if (RepositoryTarget.Of(workspace, repository.Name, []).FirstOrDefault(target => Same(target.Place.BaseUrl.AbsoluteUri, url)) is { } one)
            {
                return new LifeChoice(repository.Name, [one.Target.Name]);
            }
        }

        return null;
    }

    private VerifyRequest Expect(RepositoryTarget target, VerifyRequest request) => request with
    {
        Id = target.Place.Id,
        BaseUrl = target.Place.BaseUrl,
        KeyUrls = target.Repository.KeyUrls,
        FreezeAfter = TimeSpan.FromDays(target.Repository.FreezeDays),
        LedgerRevision = LedgerRevision(target),
        Now = Clock.GetUtcNow(),
    };

    private long? LedgerRevision(RepositoryTarget target) => Ledger.Open(Ledger.PathIn(workspace.Folder), reporter).Facts
        .Where(fact => string.Equals(fact.Target, target.Target.Name, StringComparison.Ordinal)
            && string.Equals(fact.Details.GetValueOrDefault(FactDetail.Repository), target.Repository.Name, StringComparison.Ordinal))
        .Select(fact => long.TryParse(fact.Details.GetValueOrDefault(FactDetail.Revision), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : (long?)null)
        .Max();

    private static bool Same(string one, Uri other) => string.Equals(one.TrimEnd('/'), other.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal);
}

/// <summary>What came out for one target.</summary>
/// <param name="Target">Which one.</param>
/// <param name="Report">The check.</param>
public sealed record TargetReport(RepositoryTarget Target, RepositoryReport Report);
