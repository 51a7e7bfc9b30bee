using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Http;
using DotnetRelease.Fixtures;
using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>A fetcher with its own cache, and the sources that tests ask it for.</summary>
internal sealed class Fetching : IDisposable
{
    internal const string Wheel = "attrs-25.1.0-py3-none-any.whl";

    internal static readonly byte[] Bytes = [.. "the bytes of the wheel"u8];

    private readonly HttpDoor _door;

    internal Fetching(string index, params ImmutableArray<string> allowHosts)
        : this(root => SourceOptions.Parse(index, allowHosts, root))
    {
    }

    internal Fetching(SourceOptions options)
        : this(_ => options)
    {
    }

    private Fetching(Func<string, SourceOptions> options)
    {
        _door = new HttpDoor(Doors.Impatient, Reporter);
        Fetcher = new(_door, ContentCache.Open(new Places(Scratch["cache"], Scratch["data"])), options(Scratch.Root), Reporter);
    }

    /// <summary>A fetcher that knows mirrors of one address.</summary>
    internal static Fetching Mirrored(Uri prefix, params IEnumerable<Uri> mirrors) => new(SourceOptions.Parse("https://pypi.org/simple", [], "/") with
    {
        Mirrors = [new MirroredPrefix(prefix, [.. mirrors])],
    });

    internal Scratch Scratch { get; } = new();

    internal ListReporter Reporter { get; } = new();

    internal SourceFetcher Fetcher { get; }

    internal static Digest WheelDigest => Digest.Of(Bytes);

    /// <summary>A locked wheel.</summary>
    internal static PlannedSource Locked(Digest? digest = null) =>
        new(Wheel, digest ?? WheelDigest, new SourcePosition("poetry.lock", 41, 5)) { Package = "attrs" };

    /// <summary>A source that the spec names by URL.</summary>
    internal static PlannedSource OfSpec(Uri url, string file = "patch.tar.gz", string fragment = "") =>
        new(file, WheelDigest, new SourcePosition("sources", 3)) { Url = url + fragment };

    internal Task<ImmutableArray<VerifiedSource>> FetchAsync(CancellationToken ct, params ImmutableArray<PlannedSource> sources) =>
        Fetcher.FetchAsync(sources, Scratch.Folder("spec"), ct);

    internal async Task<ReleaseException> FailsAsync(PlannedSource source, CancellationToken ct)
    {
        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => FetchAsync(ct, source));

        // What came before the line broke may stay for the next run; what was refused may not.
        var parts = error.Fault.Exit is ExitCode.Remote ? Parts : [];
        Assert.IsEmpty(Stored.Except(parts), "Something was stored.");
        return error;
    }

    /// <summary>What is left of transfers that broke.</summary>
    internal string[] Parts => [.. Stored.Where(path => Path.GetFileName(path).StartsWith(".part-", StringComparison.Ordinal))];

    /// <summary>Leaves a part as a killed run would.</summary>
    internal void LeavePart(Digest digest, byte[] bytes) => Scratch.Write($"cache/content/.part-{digest.Hex}", bytes);

    private string[] Stored => Directory.Exists(Scratch["cache/content"]) ? Directory.GetFiles(Scratch["cache/content"]) : [];

    public void Dispose()
    {
        _door.Dispose();
        Scratch.Dispose();
    }
}
