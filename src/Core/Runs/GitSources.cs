using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Sources that are made from tags of git: into the cache, where they are as good as fetched ones.</summary>
internal sealed class GitSources(Workspace workspace, Machine machine, IReporter reporter)
{
    /// <summary>An image that an sdist is made in is pinned when it is not yet.</summary>
    internal bool Pins { get; init; }

    /// <summary>Makes those of an RPM that are not in the cache.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceMismatch"/>, and what finding the tag and making the archive throw.</exception>
    internal async Task ProvideAsync(RpmSettings rpm, IEnumerable<PlannedSource> sources, CancellationToken ct)
    {
        foreach (var source in sources.Where(source => source.Url?.StartsWith(GitSource.UrlStart, StringComparison.Ordinal) is true))
        {
            if (rpm.RuleOf(source.File) is { Git: not null } rule && await machine.Cache.FindAsync(source.Digest, ct) is null)
            {
                using var turn = await WaitAsync(rule, ct);
                if (turn is null || await machine.Cache.FindAsync(source.Digest, ct) is null)
                {
                    await MakeAsync(rule, source.File, made => TakeInAsync(source, made, ct), ct);
                }
            }
        }
    }

    /// <summary>Makes one that nobody else makes meanwhile, and shows it before it is thrown away.</summary>
    /// <inheritdoc cref="MakeAsync"/>
    internal async Task MakeAloneAsync(SourceRule rule, string file, Func<MadeSource, Task> take, CancellationToken ct)
    {
        using var turn = await WaitAsync(rule, ct);
        await MakeAsync(rule, file, take, ct);
    }

    /// <summary>Makes one, and shows it before it is thrown away.</summary>
    /// <param name="rule">What it is made from.</param>
    /// <param name="file">Its name.</param>
    /// <param name="take">Gets the archive's path and commit.</param>
    /// <param name="ct">Ends git.</param>
    private async Task MakeAsync(SourceRule rule, string file, Func<MadeSource, Task> take, CancellationToken ct)
    {
        using var place = TemporaryFolder.Create("source");
        var version = rule.VersionIn(file)!;
        var archive = await new SourceTag(workspace, rule, version).FindAsync(Path.Combine(place.Path, "repository.git"), ct);
        var path = Path.Combine(place.Path, file);
        if (rule.Git!.Sdist is not { } sdist)
        {
            await archive.WriteAsync(path, ct);
            await take(new MadeSource(path, $"{rule.Git.UrlOf(version)}, commit {archive.Commit},"));
            return;
        }

        // The version was a part of a tag's name, and so has no character that would be another command.
        await new SdistSource(workspace, machine, reporter) { Pins = Pins }.MakeAsync(sdist.Of(version), archive, path, ct);
        await take(new MadeSource(path, $"{rule.Git.UrlOf(version)}, commit {archive.Commit}, by {sdist.Of(version)},"));
    }

    /// <summary>Commands and logs are one sdist's at a time; archives of trees get in nobody's way.</summary>
    private async Task<FileLock?> WaitAsync(SourceRule rule, CancellationToken ct) =>
        rule.Git?.Sdist is null ? null : await FileLock.WaitAsync(workspace.ResolveOwn("sdist"), ct);

    private async Task TakeInAsync(PlannedSource source, MadeSource made, CancellationToken ct)
    {
        await using var bytes = File.OpenRead(made.Path);
        var came = await machine.Cache.TakeInAsync(new Expected(source.Digest, source.Size), bytes, ct);
        if (came.File is null)
        {
            throw new ReleaseException(
                Fault.SourceMismatch,
                $"{source.File}: {source.Digest.Algorithm} mismatch. {source.Origin} expects {source.Digest.Hex}, {made.From} gives {came.Digest?.Hex}. Nothing was stored.",
                source.Origin)
            {
                Remedy = MadeSource.WhatDiffers(source.Sdist),
            };
        }

        reporter.Info($"{source.File}: made from {made.From} and proven, {came.Size} bytes");
    }
}

/// <summary>A source that nobody has compared with a digest yet.</summary>
/// <param name="Path">The file.</param>
/// <param name="From">Where it is from and who vouches for it, for the middle of a sentence.</param>
internal sealed record MadeSource(string Path, string From)
{
    /// <summary>What to look into when what is made now is not what was written down.</summary>
    internal static string WhatDiffers(SdistRecipe? sdist) => sdist is null
        ? "Find out whether the tag was moved since the digest was written down."
        : "Find out whether the tag was moved, or whether what makes the sdist is another version: the image, or what 'prepare' installed.";
}
