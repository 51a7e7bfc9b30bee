using DotnetRelease.Planning;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Sources that are made from tags of git: into the cache, where they are as good as fetched ones.</summary>
internal sealed class GitSources(Workspace workspace, ContentCache cache, IReporter reporter)
{
    /// <summary>Makes those of an RPM that are not in the cache.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceMismatch"/>, and what finding the tag and making the archive throw.</exception>
    internal async Task ProvideAsync(RpmSettings rpm, IEnumerable<PlannedSource> sources, CancellationToken ct)
    {
        foreach (var source in sources.Where(source => source.Url?.StartsWith(GitSource.UrlStart, StringComparison.Ordinal) is true))
        {
            if (rpm.RuleOf(source.File) is { Git: not null } rule && await cache.FindAsync(source.Digest, ct) is null)
            {
                await MakeAsync(rule, source.File, made => TakeInAsync(source, made, ct), ct);
            }
        }
    }

    /// <summary>Makes one, and shows it before it is thrown away.</summary>
    /// <param name="rule">What it is made from.</param>
    /// <param name="file">Its name.</param>
    /// <param name="take">Gets the archive's path and commit.</param>
    /// <param name="ct">Ends git.</param>
    internal async Task MakeAsync(SourceRule rule, string file, Func<MadeSource, Task> take, CancellationToken ct)
    {
        using var place = TemporaryFolder.Create("source");
        var archive = await new SourceTag(workspace, rule, rule.VersionIn(file)!).FindAsync(Path.Combine(place.Path, "repository.git"), ct);
        var path = Path.Combine(place.Path, file);
        await archive.WriteAsync(path, ct);
        await take(new MadeSource(path, $"{rule.Git!.UrlOf(rule.VersionIn(file)!)}, commit {archive.Commit},"));
    }

    private async Task TakeInAsync(PlannedSource source, MadeSource made, CancellationToken ct)
    {
        await using var bytes = File.OpenRead(made.Path);
        var came = await cache.TakeInAsync(new Expected(source.Digest, source.Size), bytes, ct);
        if (came.File is null)
        {
            throw new ReleaseException(
                Fault.SourceMismatch,
                $"{source.File}: {source.Digest.Algorithm} mismatch. {source.Origin} expects {source.Digest.Hex}, {made.From} gives {came.Digest?.Hex}. Nothing was stored.",
                source.Origin)
            {
                Remedy = "Find out whether the tag was moved since the digest was written down.",
            };
        }

        reporter.Info($"{source.File}: made from {made.From} and proven, {came.Size} bytes");
    }
}

/// <summary>A source that nobody has compared with a digest yet.</summary>
/// <param name="Path">The file.</param>
/// <param name="From">Where it is from and who vouches for it, for the middle of a sentence.</param>
internal sealed record MadeSource(string Path, string From);
