using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>Why a source of an RPM is this file and no other.</summary>
/// <param name="File">Its name.</param>
/// <param name="Targets">The targets whose machine it runs on, <c>fedora-43 (x86_64)</c>; all of them for what is no wheel.</param>
/// <param name="Why">The reason, without the full stop.</param>
public sealed record ExplainedSource(string File, ImmutableArray<string> Targets, string Why)
{
    internal static ExplainedSource Of(PlannedSource source, PlannedRpm rpm, ImmutableArray<LockedPackage> packages)
    {
        var wheel = WheelName.TryParse(source.File, out var name) ? name : null;
        var targets = rpm.Targets.Where(target => wheel is null || IsFor(wheel, target.Arch)).ToImmutableArray();
        var locked = packages.FirstOrDefault(package => package.Files.Any(file => file.Name == source.File && file.Digest.Sha256 == source.Digest));
        return new(
            source.File,
            [.. targets.Select(target => $"{target.Name} ({target.Arch})")],
            wheel is null || locked is null ? $"the spec names it; its digest is at {source.Origin}{MadeBy(source)}" : $"{Describe(wheel)}; {Compare(wheel, locked, targets)}");
    }

    private static string MadeBy(PlannedSource source) => source.Sdist is { } sdist ? $"; it is made from {source.Url}, by {sdist}" : "";

    private static bool IsFor(WheelName wheel, string arch) => wheel.Platforms.Any(tag => WheelPlatform.TryParse(tag)?.Fits(arch) is true);

    /// <summary>What the tags mean: <c>for CPython 3.9 and later, glibc 2.28 and later, x86_64</c>.</summary>
    private static string Describe(WheelName wheel) => $"for {Python(wheel)}, {Machine(wheel)}";

    private static string Python(WheelName wheel)
    {
        var versions = wheel.Pythons.Select(tag => (WheelTags.Python(tag, "cp") ?? WheelTags.Python(tag, "py")) is var (major, minor)
            ? minor < 0 ? $"{major}" : $"{major}.{minor}"
            : tag).ToList();
        var which = string.Join(" and ", versions);
        return (wheel.Pythons[0].StartsWith("cp", StringComparison.Ordinal), wheel.Abis.Contains("abi3", StringComparer.Ordinal)) switch
        {
            (true, true) => $"CPython {which} and later",
            (true, false) => $"CPython {which} only",
            _ => $"any Python {which}",
        };
    }

    private static string Machine(WheelName wheel)
    {
        var platforms = wheel.Platforms.Select(WheelPlatform.TryParse).OfType<WheelPlatform>().ToList();
        return platforms.MinBy(platform => platform.Libc) switch
        {
            null => "another system",
            { Kind: WheelPlatformKind.Any } => "every machine",
            { Kind: WheelPlatformKind.Linux } linux => $"Linux on {linux.Arch}",
            var oldest => string.Create(
                CultureInfo.InvariantCulture,
                $"{(oldest.Kind is WheelPlatformKind.Musl ? "musl" : "glibc")} {oldest.Libc.Major}.{oldest.Libc.Minor} and later, {oldest.Arch}"),
        };
    }

    /// <summary>What else there was to choose from.</summary>
    private static string Compare(WheelName chosen, LockedPackage package, ImmutableArray<PlannedTarget> targets)
    {
        var wheels = package.Files.Select(file => WheelName.TryParse(file.Name, out var name) ? name : null).OfType<WheelName>().ToList();
        var others = wheels.Where(wheel => wheel.File != chosen.File && targets.Any(target => IsFor(wheel, target.Arch))).Select(wheel => wheel.File).Order(StringComparer.Ordinal).ToList();
        var count = $"{package.Files.Length} file{(package.Files.Length is 1 ? "" : "s")} of {package.Name} {package.Version} in the lock";
        return (others, Best(package, chosen, targets)) switch
        {
            ([], _) => package.Files.Length is 1 ? $"the only file of {package.Name} {package.Version} in the lock" : $"the only wheel for this machine among {count}",
            (_, { } best) when best != chosen.File => $"the spec names it; among {count}, {best} has the better tags",
            _ => $"the best tags among {count}; also there: {string.Join(", ", others)}",
        };
    }

    private static string? Best(LockedPackage package, WheelName chosen, ImmutableArray<PlannedTarget> targets)
    {
        if (targets.IsEmpty || WheelTarget.Of(chosen) is not { } machine)
        {
            return null;
        }

        try
        {
            return WheelChoice.Choose(package, machine with { Arch = targets[0].Arch }).Name;
        }
        catch (ReleaseException)
        {
            // Several Pythons and nothing that says which: then the spec's word is the reason.
            return null;
        }
    }
}
