using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Building;

/// <summary>What every rpmbuild of ours is told, so that two builds of the same inputs give the same bytes.</summary>
internal static class BuildMacros
{
    /// <summary>Where rpmbuild works inside the container: the same path in every build, because paths end up in files.</summary>
    public const string TopFolder = "/build";

    /// <summary>Where the sources are mounted.</summary>
    public const string Sources = TopFolder + "/SOURCES";

    /// <summary>Where the spec is mounted.</summary>
    public const string Specs = TopFolder + "/SPECS";

    /// <summary>Where packages for a root are mounted while it is prepared.</summary>
    public const string Packages = TopFolder + "/PACKAGES";

    /// <summary>The start of every path that exists only during a build: rpmbuild's BUILD and BUILDROOT.</summary>
    public const string BuildFolder = TopFolder + "/BUILD";

    /// <summary>The <c>--define</c> arguments.</summary>
    public static readonly ImmutableArray<string> Defines =
    [
        .. Define("_topdir", TopFolder),

        // All of these are off in rpm by default. The first spelling of the clamp is for rpm 4.14 to 4.19, the second for 4.20 and later.
        .. Define("use_source_date_epoch_as_buildtime", "1"),
        .. Define("clamp_mtime_to_source_date_epoch", "1"),
        .. Define("build_mtime_policy", "clamp_to_source_date_epoch"),
        .. Define("source_date_epoch_from_changelog", "0"),
        .. Define("_buildhost", "dotnet-release"),

        // Sources are mounted from the user's machine; who owns them there, and what their umask was, is nobody's business.
        .. Define("_srcdefattr", "(0644,root,root)"),

        // Everything was fetched and proven before.
        .. Define("_disable_source_fetch", "1"),

        .. WheelInstaller.Defines,
    ];

    /// <summary>The environment of every command: nothing of the user's.</summary>
    public static readonly ImmutableSortedDictionary<string, string> Everywhere = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [
        KeyValuePair.Create("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        KeyValuePair.Create("HOME", "/root"),
        KeyValuePair.Create("LC_ALL", "C.UTF-8"),
        KeyValuePair.Create("TZ", "UTC"),
    ]);

    /// <summary>The environment of a build: also the one clock that counts.</summary>
    public static ImmutableSortedDictionary<string, string> Environment(DateTimeOffset epoch) => Everywhere.AddRange([
        // The order of Python's sets, and with it that of what programs write from them.
        KeyValuePair.Create("PYTHONHASHSEED", "0"),

        // A test that imports the package would leave bytecode in it, with the time of the build. The distro's own scripts compile what is to
        // be compiled, and take SOURCE_DATE_EPOCH for a sign to leave the time out.
        KeyValuePair.Create("PYTHONDONTWRITEBYTECODE", "1"),

        // rpmbuild packs with OpenMP, whose threads spin while they wait for work: a tenth of the processor time of a small package, which
        // builds beside it could use.
        KeyValuePair.Create("OMP_WAIT_POLICY", "passive"),
        KeyValuePair.Create("SOURCE_DATE_EPOCH", epoch.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
    ]);

    private static ImmutableArray<string> Define(string name, string value) => ["--define", $"{name} {value}"];
}
