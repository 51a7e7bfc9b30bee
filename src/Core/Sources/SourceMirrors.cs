using System.Collections.Concurrent;
using System.Collections.Immutable;
using DotnetRelease.Http;

namespace DotnetRelease.Sources;

/// <summary>Addresses that have the same files as others.</summary>
/// <param name="Prefix">URL of the original, with a slash at the end; everything below it counts.</param>
/// <param name="Mirrors">URLs that take its place, with a slash at the end, in the order in which they are asked.</param>
public sealed record MirroredPrefix(Uri Prefix, ImmutableArray<Uri> Mirrors)
{
    /// <summary>Reads what the settings say.</summary>
    public static MirroredPrefix Parse(string prefix, IEnumerable<string> mirrors) => new(Folder(prefix), [.. mirrors.Select(Folder)]);

    private static Uri Folder(string url) => new(url.TrimEnd('/') + "/");
}

/// <summary>One place to ask for a file or a page.</summary>
/// <param name="Url">What is asked.</param>
/// <param name="Mirror">The mirror that it is at; null for the address that lock, spec or settings name.</param>
internal sealed record SourcePlace(Uri Url, Uri? Mirror = null);

/// <summary>
/// The mirrors of an address in their order, and at last the address. What they give is proven by digest, so none of them has to be trusted.
/// One that fails is named and passed over, and one that is down or gives other bytes is not asked again in this run.
/// </summary>
internal sealed class SourceMirrors(ImmutableArray<MirroredPrefix> prefixes, IReporter reporter)
{
    private readonly ConcurrentDictionary<Uri, string> _left = new();

    /// <summary>Where a URL would be asked for, the address itself at last.</summary>
    internal ImmutableArray<SourcePlace> PlacesOf(Uri url)
    {
        var rule = prefixes
            .Where(rule => url.AbsoluteUri.StartsWith(rule.Prefix.AbsoluteUri, StringComparison.Ordinal))
            .MaxBy(rule => rule.Prefix.AbsoluteUri.Length);
        return rule is null
            ? [new SourcePlace(url)]
            : [.. rule.Mirrors.Select(mirror => new SourcePlace(new Uri(mirror.AbsoluteUri + url.AbsoluteUri[rule.Prefix.AbsoluteUri.Length..]), mirror)), new SourcePlace(url)];
    }

    /// <summary>Asks one place after the other.</summary>
    /// <param name="url">The address.</param>
    /// <param name="ask">Has to refuse bytes that are not the wanted ones.</param>
    /// <exception cref="ReleaseException">What the address itself did.</exception>
    internal async Task<T> AskAsync<T>(Uri url, Func<SourcePlace, Task<T>> ask)
    {
        var places = PlacesOf(url);
        foreach (var place in places.Where(place => place.Mirror is { } mirror && !_left.ContainsKey(mirror)))
        {
            try
            {
                return await ask(place);
            }
            catch (ReleaseException ex) when (ex.Fault.Exit is not ExitCode.Environment)
            {
                Pass(place.Mirror!, ex);
            }
        }

        return await ask(places[^1]);
    }

    private void Pass(Uri mirror, ReleaseException why)
    {
        // A mirror that lacks one file may have the next.
        var isOver = why.Fault != Fault.SourceNotFound;
        if (isOver && !_left.TryAdd(mirror, why.Message))
        {
            return;
        }

        var text = $"Mirror {UrlRules.Show(mirror)} is passed over. {why.Message}";
        if (why.Fault.Exit is ExitCode.Refused)
        {
            reporter.Warning($"{text} Tell its operator, or take it out of [sources.mirrors] of release.toml.", why.Position);
        }
        else
        {
            reporter.Info(text);
        }
    }
}
