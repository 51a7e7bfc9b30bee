using System.Globalization;

namespace DotnetRelease.Lockfiles;

internal enum WheelPlatformKind
{
    Glibc,
    Musl,
    Linux,
    Any,
}

/// <summary>A platform tag of Linux: PEP 600 <c>manylinux_X_Y_ARCH</c> with its three old aliases, PEP 656 <c>musllinux</c>, <c>linux_ARCH</c>, <c>any</c>.</summary>
internal sealed record WheelPlatform(WheelPlatformKind Kind, (int Major, int Minor) Libc, string? Arch)
{
    // PEP 513, 571, 599 and 600: the years stand for the glibc that was old enough then.
    private static readonly (string Alias, (int, int) Glibc)[] Aliases =
        [("manylinux1_", (2, 5)), ("manylinux2010_", (2, 12)), ("manylinux2014_", (2, 17))];

    /// <summary>Null for every other system.</summary>
    public static WheelPlatform? TryParse(string tag)
    {
        if (tag is "any")
        {
            return new(WheelPlatformKind.Any, default, null);
        }

        foreach (var (alias, glibc) in Aliases)
        {
            if (tag.StartsWith(alias, StringComparison.Ordinal))
            {
                return new(WheelPlatformKind.Glibc, glibc, tag[alias.Length..]);
            }
        }

        return tag.Split('_', 2) switch
        {
            ["manylinux", var rest] => Versioned(WheelPlatformKind.Glibc, rest),
            ["musllinux", var rest] => Versioned(WheelPlatformKind.Musl, rest),
            ["linux", var arch] => new(WheelPlatformKind.Linux, default, arch),
            _ => null,
        };
    }

    /// <summary>Whether the tag's machine is the one that RPM calls <paramref name="rpmArch"/>.</summary>
    public bool Fits(string rpmArch) => Arch is null || string.Equals(Arch, FromRpm(rpmArch), StringComparison.Ordinal);

    private static WheelPlatform? Versioned(WheelPlatformKind kind, string rest) =>
        rest.Split('_', 3) is [var major, var minor, { Length: > 0 } arch] && Number(major) is { } x && Number(minor) is { } y
            ? new(kind, (x, y), arch)
            : null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string FromRpm(string arch) => arch switch
    {
        "i386" or "i486" or "i586" or "i686" => "i686",
        "armv7hl" => "armv7l",
        _ => arch,
    };
}
