using System.Net;

namespace DotnetRelease.Images;

/// <summary>An image in a registry, in the normative grammar of the distribution specification.</summary>
/// <param name="Registry">Host and perhaps port as written, <c>registry.fedoraproject.org</c>.</param>
/// <param name="Repository">The name within it, <c>library/debian</c>.</param>
/// <param name="Tag">The tag; null when only a digest was written.</param>
/// <param name="WrittenDigest">The digest; when there is one, the tag is only for the reader.</param>
public sealed record RegistryReference(string Registry, string Repository, string? Tag, Digest? WrittenDigest) : ImageReference
{
    internal const string DockerHub = "docker.io";

    /// <summary>How docker has called the Hub among its logins since its first version.</summary>
    internal const string DockerHubServer = "https://index.docker.io/v1/";
    private const string DefaultTag = "latest";

    /// <inheritdoc/>
    public override Digest? WrittenDigest { get; } = WrittenDigest;

    /// <summary>What the registry is asked for: the digest when there is one, else the tag.</summary>
    public string Asked => WrittenDigest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>
    /// Where requests go. Only a registry on this very machine is spoken to without TLS: nobody sits between, and there is no way to say
    /// "insecure" for any other.
    /// </summary>
    public Uri Endpoint => new($"{(IsLoopback(Registry) ? "http" : "https")}://{(Registry is DockerHub ? "registry-1.docker.io" : Registry)}/");

    /// <summary>The same image, by the digest alone.</summary>
    public RegistryReference At(Digest digest) => new(Registry, Repository, Tag, digest);

    /// <summary>The reference in full: registry, name, tag, digest.</summary>
    public override string ToString() =>
        $"{Registry}/{Repository}{(Tag is null ? "" : ":" + Tag)}{(WrittenDigest is { } digest ? "@" + digest : "")}";

    internal static RegistryReference ParseRest(string text, string rest)
    {
        var (named, digest) = SplitDigest(text, rest);
        var slash = named.IndexOf('/', StringComparison.Ordinal);
        var registry = slash < 0 ? "" : named[..slash];
        if (!LooksLikeRegistry(registry))
        {
            throw ShortName(text, named);
        }

        if (!ReferenceGrammar.IsRegistry(registry))
        {
            throw Malformed(text, $"'{Printable.Of(registry)}' is not a registry's host name");
        }

        var (repository, tag) = SplitTag(text, named[(slash + 1)..]);
        return new RegistryReference(
            registry is "index.docker.io" ? DockerHub : registry,
            registry is DockerHub or "index.docker.io" && !repository.Contains('/', StringComparison.Ordinal) ? "library/" + repository : repository,
            tag ?? (digest is null ? DefaultTag : null),
            digest);
    }

    private static (string Named, Digest? Digest) SplitDigest(string text, string rest)
    {
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return (rest, null);
        }

        var written = rest[(at + 1)..];
        return written.StartsWith("sha256:", StringComparison.Ordinal) && DotnetRelease.Digest.TryParse(written, out var digest)
            ? (rest[..at], digest)
            : throw Malformed(text, "after '@' there must be 'sha256:' and 64 lower-case hex digits");
    }

    private static (string Repository, string? Tag) SplitTag(string text, string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var repository = colon < 0 ? rest : rest[..colon];
        var tag = colon < 0 ? null : rest[(colon + 1)..];
        if (!ReferenceGrammar.IsRepository(repository))
        {
            const string rule = "lower-case letters, digits, '.', '_', '-', '/'";
            throw Malformed(text, $"'{Printable.Of(repository)}' is not a repository name ({rule}; at most {ReferenceGrammar.NameLimit} characters)");
        }

        return tag is null || ReferenceGrammar.IsTag(tag)
            ? (repository, tag)
            : throw Malformed(text, "a tag has 1 to 128 letters, digits, '_', '.', '-', and starts with none of the last two");
    }

    /// <summary>Docker's rule: a first part with a dot, a port, or the name localhost is a registry.</summary>
    private static bool LooksLikeRegistry(string first) => first is "localhost" || first.AsSpan().ContainsAny('.', ':');

    private static bool IsLoopback(string registry) =>
        new Uri($"http://{registry}/") is var uri
        && (uri.Host is "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    private static ReleaseException ShortName(string text, string named)
    {
        // Names of repositories have small letters only; a tag may have others.
        var tag = named.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? named[colon..] : "";
        named = named[..^tag.Length].ToLowerInvariant() + tag;
        var suggestion = named.Contains('/', StringComparison.Ordinal)
            ? $"docker.io/{named}, quay.io/{named}"
            : $"registry.fedoraproject.org/{named}, docker.io/library/{named}";
        return new(
            Fault.ImageReferenceMalformed, $"Image '{Printable.Of(text)}': it names no registry, and which one is meant would depend on the machine.")
        {
            Remedy = $"Write the whole name, for example {Printable.Of(suggestion)}; or oci:FOLDER, or rootfs:FILE.",
        };
    }
}
