namespace DotnetRelease.Tags;

/// <summary>
/// A tag object of git, read from exactly the bytes that its id stands for. That its form is right says nothing about who made it: the
/// signature was only found, not checked.
/// </summary>
/// <param name="Id">40 or 64 hex digits.</param>
/// <param name="Name">The name inside the object, which is part of what is signed; a ref may have another.</param>
/// <param name="TargetType"><c>commit</c>, or what a tag for release must not name: <c>tag</c>, <c>tree</c>, <c>blob</c>.</param>
/// <param name="Target">Id of what is tagged.</param>
public sealed record TagObject(string Id, string Name, string TargetType, string Target)
{
    /// <summary>Bytes that are read at most.</summary>
    public const int SizeLimit = TagReader.SizeLimit;

    /// <summary>Who tagged, <c>Name &lt;mail&gt;</c>: what the tagger's git was told, proven by nothing.</summary>
    public required string Tagger { get; init; }

    /// <summary>When, as the tagger's clock said.</summary>
    public required DateTimeOffset Made { get; init; }

    /// <summary>What is signed: everything before the signature.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The signature with its frame; null for a tag that nobody signed.</summary>
    public TagSignatureText? Signature { get; init; }

    /// <summary>Reads the raw bytes of a tag object, as <c>git cat-file tag</c> gives them.</summary>
    /// <param name="raw">All of them.</param>
    /// <param name="id">Under which git keeps it; compared with the bytes.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.TagMalformed"/>, or <see cref="Fault.TagSignatureBad"/> for more than one signature.</exception>
    public static TagObject Parse(ReadOnlyMemory<byte> raw, string id) => TagReader.Read(raw, id);

    /// <summary>The refusal of an object that must not even be read into memory.</summary>
    internal static ReleaseException TooLarge(string id, long size) => TagReader.TooLarge(id, size);
}

/// <summary>A signature as it stands at the end of a tag.</summary>
/// <param name="Kind">Who can check it.</param>
/// <param name="Text">From its first dash to its last, without the line end behind.</param>
public sealed record TagSignatureText(TagSignatureKind Kind, string Text);

/// <summary>What a signature was made with.</summary>
public enum TagSignatureKind
{
    /// <summary>An OpenPGP key.</summary>
    OpenPgp,

    /// <summary>An ssh key.</summary>
    Ssh,
}
