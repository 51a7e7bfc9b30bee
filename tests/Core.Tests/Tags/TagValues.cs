using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Values for the gate without git and gpg: alice may release <c>server</c> to <c>stable</c>, and has tagged v1.0.0.</summary>
internal static class TagValues
{
    private static readonly string Commit = new('c', 40);

    internal static Maintainer Maintainer { get; } = new("alice", new OpenPgpMaintainerKey(new('A', 40), "keys/alice.asc"), new("maintainers.toml", 1, 1))
    {
        Packages = [new("server")],
        Channels = ["stable"],
    };

    internal static TagSigner Signer { get; } = new(Maintainer, new('A', 40), new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal static TagQuestion Question { get; } = QuestionOf("v1.0.0");

    internal static MaintainerList ListOf(params Maintainer[] maintainers) => new(new('d', 40), [.. maintainers], []);

    internal static TagQuestion QuestionOf(string tag, string pattern = "v{version}") =>
        new(TagName.Parse(tag), TagPattern.Parse(pattern), null, "server") { Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero) };

    internal static TagObject Tag(string name = "v1.0.0", char id = 'a') => new(new(id, 40), name, "commit", Commit)
    {
        Tagger = "Alice <alice@example.org>",
        Made = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Payload = ReadOnlyMemory<byte>.Empty,
        Signature = new(TagSignatureKind.OpenPgp, ""),
    };
}
