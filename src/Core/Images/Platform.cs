using System.Runtime.InteropServices;

namespace DotnetRelease.Images;

/// <summary>What an image is made for, in the words of Go and OCI: <c>linux/amd64</c>.</summary>
/// <param name="Os">Always <c>linux</c> for what we run.</param>
/// <param name="Architecture"><c>amd64</c>, <c>arm64</c>, ….</param>
/// <param name="Variant"><c>v8</c>, …; null when none is said.</param>
public sealed record Platform(string Os, string Architecture, string? Variant = null)
{
    /// <summary>The platform of this machine.</summary>
    public static Platform Current => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => new("linux", "amd64"),
        System.Runtime.InteropServices.Architecture.X86 => new("linux", "386"),
        var other => new("linux", other.ToString().ToLowerInvariant()),
    };

    /// <summary>Reads <c>linux/arm64</c> or <c>linux/arm/v7</c>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>.</exception>
    public static Platform Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split('/') is [var os, var architecture, .. var variant] && variant.Length <= 1 && text.Split('/').All(IsWord)
            ? new(os, architecture, variant is [var only] ? only : null)
            : throw new ReleaseException(Fault.Usage, $"'{Printable.Of(text)}' is no platform.") { Remedy = "Write it like linux/amd64 or linux/arm/v7." };
    }

    /// <summary>The platform that rpm calls <paramref name="arch"/>; <c>noarch</c> is built on this machine's own.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/> when it is no word.</exception>
    public static Platform OfRpm(string arch) => arch switch
    {
        "noarch" => Current,
        "x86_64" => new("linux", "amd64"),
        "aarch64" => new("linux", "arm64"),
        "i386" or "i486" or "i586" or "i686" => new("linux", "386"),
        "armv7hl" => new("linux", "arm", "v7"),
        _ when IsWord(arch) => new("linux", arch),
        _ => throw new ReleaseException(Fault.Usage, $"'{Printable.Of(arch)}' is no architecture."),
    };

    /// <summary>How well an entry that is made for this platform fits: 0 not at all, 2 exactly.</summary>
    internal int Fits(Platform wanted) =>
        this with { Variant = null } != wanted with { Variant = null } ? 0
        : this == wanted || IsBaseline ? 2
        : wanted.Variant is null ? 1
        : 0;

    /// <summary>The variant that every machine of the architecture has, whether it is written or not.</summary>
    private bool IsBaseline => (Architecture, Variant) is ("arm64", null or "v8") or ("amd64", null or "v1");

    // It becomes a part of file names.
    private static bool IsWord(string text) =>
        text.Length is > 0 and <= 32 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_');

    /// <summary><c>linux/arm/v7</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
