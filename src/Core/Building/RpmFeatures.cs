using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Containers;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What the target's rpm can do. It is asked for that once, when its root is made, and the answer is a file of the root; the name of the distro
/// says nothing.
/// </summary>
/// <param name="Zstd">It reads and writes payloads in zstd.</param>
/// <param name="ThreadedZstd">It writes them with several threads.</param>
/// <param name="LongZstd">It also looks for repetitions further back than the level alone would.</param>
internal sealed record RpmFeatures(bool Zstd, bool ThreadedZstd, bool LongZstd)
{
    /// <summary>Where a root has the answer.</summary>
    public const string File = RootRecord.Folder + "/rpm-features";

    /// <summary>A script whose output <see cref="Parse"/> reads.</summary>
    public const string Question = "rpm --version; rpm --showrc | grep -F 'rpmlib(PayloadIsZstd)'";

    /// <summary>From here on a <c>T</c> among the letters of a payload in zstd means threads. Older ones take its number for the level.</summary>
    private const string FirstThreaded = "4.17";

    /// <summary>From here on an <c>L</c> means matches over a long distance, and its number the window.</summary>
    private const string FirstLong = "4.18";

    /// <summary>Reads the answer in an open container.</summary>
    /// <exception cref="ReleaseException">What opening it throws; the image's programs wrote it.</exception>
    public static async Task<RpmFeatures> ReadAsync(IContainer container, CancellationToken ct)
    {
        const int enough = 64 * 1024;
        await using var file = await container.OpenReadAsync(File, enough, ct);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return Parse(await reader.ReadToEndAsync(ct));
    }

    /// <summary>An rpm that says nothing of itself is an old one.</summary>
    public static RpmFeatures Parse(string answer)
    {
        var version = answer.Split('\n')[0].Split(' ')[^1];
        var zstd = answer.Contains("rpmlib(PayloadIsZstd)", StringComparison.Ordinal);
        bool Since(string first) => zstd && version is [>= '0' and <= '9', ..] && RpmVersion.Compare(version, first) >= 0;
        return new RpmFeatures(zstd, Since(FirstThreaded), Since(FirstLong));
    }

    /// <summary>
    /// The <c>--define</c> arguments for a payload; none where the rpm's own default is as good as it gets. <c>T0</c> means as many threads
    /// as there are processors: zstd gives the same bytes for one thread of its own and for many, but others without any, so that what is
    /// fixed is "threaded or not", and a build on another machine is still the same.
    /// <para>
    /// By default that is level 18 with a window of 32 MiB, <c>L25</c>: to one percent the size of the distros' level 19, whose window has 8 MiB, in two
    /// thirds of its time. Level 19 with a longer window would give the threads parts of 64 MiB, too few for a package. Readers take windows up to 128 MiB
    /// unless they are told otherwise.
    /// </para>
    /// </summary>
    public ImmutableArray<string> Defines(PayloadCompression compression)
    {
        // What is in a source package is mostly compressed already; the time for another try is lost.
        var (binary, source) = compression switch
        {
            { IsOfRpm: true } => (compression.Name, compression.Name),
            _ when compression == PayloadCompression.Fast && Zstd => ThreadedZstd ? ("w3T0.zstdio", "w3T0.zstdio") : ("w3.zstdio", "w3.zstdio"),
            _ when LongZstd => ("w18L25T0.zstdio", "w3T0.zstdio"),
            _ when ThreadedZstd => ("w19T0.zstdio", "w3T0.zstdio"),
            _ => default,
        };
        return binary is null ? [] : ["--define", $"_binary_payload {binary}", "--define", $"_source_payload {source}"];
    }
}
