using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Repositories;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>A project with two targets and two repositories, one promoted to from the other, and a clock that a test moves.</summary>
internal sealed class LifeBench : IDisposable
{
    private readonly CancellationToken _ct;
    private int _copies;

    internal LifeBench(TestKey key, CancellationToken ct)
    {
        (Key, _ct) = (key, ct);
        Workspace = new Workspace(Scratch.Root, Settings.Parse($"""
            [project]
            name = "demo"

            [target.fedora-43]
            image = "rootfs:distro.tar"
            eol = 2026-12-02

            [target.fedora-44]
            image = "rootfs:distro.tar"

            [signing]
            key = "{key.Fingerprint}"

            [repository.qa]
            url = "file:./qa"

            [repository.prod]
            url = "file:./prod"
            promote-from = "qa"
            """, "release.toml"));
    }

    internal Scratch Scratch { get; } = new();

    internal TestKey Key { get; }

    internal Workspace Workspace { get; }

    internal ListReporter Reporter { get; } = new();

    internal ManualClock Clock { get; } = new();

    internal LifeRun Run => new(Workspace, Reporter) { Gpg = Key.Gpg, Clock = Clock };

    internal string LedgerPath => Ledger.PathIn(Workspace.Folder);

    /// <summary>As it is now.</summary>
    internal Ledger Ledger => Ledger.Open(LedgerPath, Reporter);

    internal IReadOnlyList<Fact> Facts => Ledger.Facts;

    public void Dispose() => Scratch.Dispose();

    internal RepositoryPlace Place(string repository, string target = "fedora-43") => RepositoryTarget.Of(Workspace, repository, [target]).Single().Place;

    internal string Folder(string repository, string target = "fedora-43") => Place(repository, target).Store.ToString();

    /// <summary>Publishes packages into a repository; nobody writes it down.</summary>
    internal async Task<Receipt> PublishAsync(string repository, string target, params RpmRecipe[] recipes)
    {
        var packages = await SignAsync(recipes);
        var key = await MetadataKey.FindAsync(Key.Gpg, Key.Fingerprint, _ct);
        return await new Publisher(Reporter, Clock).PublishAsync(new PublishRequest(Place(repository, target), packages, key) { Project = "demo" }, _ct);
    }

    /// <summary>Publishes a package into the first repository as <c>publish</c> does.</summary>
    internal async Task ShipAsync(string target, RpmRecipe recipe)
    {
        var results = Scratch.Folder($"dist/rpm/{target}");
        var files = (await SignAsync(recipe)).Select(package => (package.File.Path, Result: Path.Combine(results, Path.GetFileName(package.File.Path)))).ToList();
        files.ForEach(file => File.Copy(file.Path, file.Result));
        var run = new PublishRun(Workspace, Reporter) { Gpg = Key.Gpg };
        var options = new PublishOptions("qa", AllowDowngrade: false);
        await run.PublishAsync(await run.PrepareAsync([.. files.Select(file => file.Result)], options, _ct), options, _ct);
    }

    /// <summary>Does a plan and expects it to succeed.</summary>
    internal async Task<ImmutableArray<LifeResult>> DoAsync(Task<LifePlan> plan)
    {
        var results = await Run.RunAsync(await plan, _ct);
        Assert.IsTrue(results.All(result => result.Failure is null), string.Join('\n', results.Select(result => result.Failure?.ToString())));
        return results;
    }

    /// <summary>What clients of a repository see, after a careful check of everything.</summary>
    internal async Task<string> SeenAsync(string repository, string target = "fedora-43")
    {
        await using var trusted = await RpmVerifier.OpenAsync([await Key.PublicAsync()], _ct);
        var report = await RepositoryVerifier.VerifyAsync(Folder(repository, target), trusted, _ct);
        Assert.AreEqual("", RepositoryBench.Problems(report));
        return string.Join(' ', report.Items.Select(item => item.Nevra).OfType<Nevra>().Where(nevra => nevra.Arch is "noarch").Select(nevra => $"{nevra.Name}-{nevra.Version}"));
    }

    internal async Task<long> RevisionAsync(string repository, string target = "fedora-43") => (await RepositoryListing.ReadAsync(Place(repository, target), _ct)).Revision!.Value;

    private async Task<ImmutableArray<SignedRpm>> SignAsync(params RpmRecipe[] recipes)
    {
        List<string> files = [];
        foreach (var built in await Task.WhenAll(recipes.Select(RpmFactory.BuildAsync)))
        {
            files.AddRange([Copy(built.Binary), Copy(built.Source)]);
        }

        await using var signer = await RpmSigner.OpenAsync(Key.Gpg, Key.Fingerprint, _ct);
        return [.. (await signer.SignAsync([.. files], _ct)).Select(result => result.Rpm)];
    }

    private string Copy(string file)
    {
        var copy = Path.Combine(Scratch.Folder($"signed-{_copies++}"), Path.GetFileName(file));
        File.Copy(file, copy);
        return copy;
    }
}
