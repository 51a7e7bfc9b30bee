using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DotnetRelease;

/// <summary>Name, epoch, version, release and architecture: the identity of one RPM.</summary>
/// <param name="Name">Package name.</param>
/// <param name="Epoch">0 when the package has none.</param>
/// <param name="Version">Upstream version.</param>
/// <param name="Release">Packaging release, dist tag included.</param>
/// <param name="Arch"><c>x86_64</c>, <c>noarch</c>, … or <c>src</c> for a source package.</param>
public sealed record Nevra(string Name, uint Epoch, string Version, string Release, string Arch)
{
    /// <summary>The file name rpmbuild and repositories use; an epoch is never part of it.</summary>
    public string FileName => $"{Name}-{Version}-{Release}.{Arch}.rpm";

    /// <summary>Reads what <see cref="ToString"/> writes: neither version nor release has a hyphen, so that it can be read in one way only.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Nevra? nevra)
    {
        nevra = null;
        if (text is null || text.Any(c => c <= ' ' || char.IsControl(c)) || text.LastIndexOf('.') is not (> 0 and var dot) || dot == text.Length - 1
            || text.LastIndexOf('-', dot) is not (> 0 and var release) || release + 1 == dot
            || text.LastIndexOf('-', release - 1) is not (> 0 and var version))
        {
            return false;
        }

        var evr = text[(version + 1)..release];
        var colon = evr.IndexOf(':', StringComparison.Ordinal);
        uint epoch = 0;
        if (colon == evr.Length - 1 || (colon >= 0 && !uint.TryParse(evr.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out epoch)))
        {
            return false;
        }

        nevra = new(text[..version], epoch, evr[(colon + 1)..], text[(release + 1)..dot], text[(dot + 1)..]);
        return true;
    }

    /// <summary><c>name-[epoch:]version-release.arch</c>.</summary>
    public override string ToString() => Epoch is 0
        ? $"{Name}-{Version}-{Release}.{Arch}"
        : $"{Name}-{Epoch}:{Version}-{Release}.{Arch}";
}
