using System.Diagnostics.CodeAnalysis;

namespace DotnetRelease.Images;

/// <summary>Where an image comes from, as a user writes it. The text was checked; see the kinds.</summary>
public abstract record ImageReference
{
    private const string RegistryPrefix = "docker://";
    private const string LayoutPrefix = "oci:";
    private const string RootfsPrefix = "rootfs:";

    /// <summary>Longer than every legal reference to a registry, and than every path that Linux takes.</summary>
    private const int LengthLimit = 4096;

    private protected ImageReference()
    {
    }

    /// <summary>The digest that the user wrote into the reference, or null when only a name is known.</summary>
    public abstract Digest? WrittenDigest { get; }

    /// <summary>The same reference with its path, when it has one, taken as relative to <paramref name="folder"/>.</summary>
    public virtual ImageReference RelativeTo(string folder) => this;

    /// <summary>
    /// Reads <c>registry/name:tag@sha256:…</c> (also with <c>docker://</c> in front), <c>oci:FOLDER[:tag]</c>, <c>oci-archive:FILE[:tag]</c>,
    /// <c>docker-archive:FILE[:tag]</c> (both also with <c>#sha256=HEX</c> behind) or <c>rootfs:FILE[#sha256=HEX]</c>.
    /// A name without a registry is refused: what <c>fedora:43</c> means would depend on the machine.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageReferenceMalformed"/>.</exception>
    public static ImageReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > LengthLimit || HasControl(text))
        {
            throw Malformed(text, $"it is empty, longer than {LengthLimit} characters, or has control characters");
        }

        return text switch
        {
            _ when After(text, ArchiveReference.Prefix(ArchiveKind.Oci), out var rest) => ArchiveReference.ParseRest(ArchiveKind.Oci, text, rest),
            _ when After(text, ArchiveReference.Prefix(ArchiveKind.Docker), out var rest) => ArchiveReference.ParseRest(ArchiveKind.Docker, text, rest),
            _ when After(text, RootfsPrefix, out var rest) => RootfsReference.ParseRest(text, rest),
            _ when After(text, LayoutPrefix, out var rest) => LayoutReference.ParseRest(text, rest),
            _ when After(text, RegistryPrefix, out var rest) => RegistryReference.ParseRest(text, rest),
            _ when OtherTransport(text) is { } other => throw OtherTransportNamed(text, other),
            _ => RegistryReference.ParseRest(text, text),
        };
    }

    /// <summary>The failure of something that was done with this image.</summary>
    /// <param name="fault">Which kind.</param>
    /// <param name="what">The rest of the sentence, without a full stop.</param>
    /// <param name="remedy">What to do, when there is better advice than the catalogue's.</param>
    /// <param name="inner">What .NET said.</param>
    internal ReleaseException Failure(Fault fault, string what, string? remedy = null, Exception? inner = null) =>
        new(fault, $"Image '{Printable.Of(ToString()!)}': {what}.", inner: inner) { Remedy = remedy ?? fault.Remedy };

    internal static ReleaseException Malformed(string text, string why) =>
        new(Fault.ImageReferenceMalformed, $"Image '{Printable.Of(text)}': {why}.");

    private static bool HasControl(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    private static bool After(string text, string prefix, [NotNullWhen(true)] out string? rest)
    {
        rest = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
        return rest is not null;
    }

    private static ReleaseException OtherTransportNamed(string text, string transport) =>
        new(Fault.ImageReferenceMalformed, $"Image '{Printable.Of(text)}': '{transport}:' is not supported.")
        {
            Remedy = $"Convert it: skopeo copy '{Printable.Of(text)}' oci:FOLDER:tag, and name oci:FOLDER:tag.",
        };

    /// <summary>Transports of skopeo and podman that a user may try. Anything else with a colon is a name and a tag or port.</summary>
    private static string? OtherTransport(string text) => text.Split(':') is [var transport, _, ..] && transport is
        "docker-daemon" or "containers-storage" or "dir" or "ostree" or "sif" or "tarball"
            ? transport
            : null;
}
