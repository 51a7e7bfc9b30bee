namespace DotnetRelease.Tags;

/// <summary>A file with a detached OpenPGP signature that nobody has checked yet.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Path">Where the file is.</param>
/// <param name="Signature">As text or as bytes.</param>
public sealed record SignedFile(string Name, string Path, ReadOnlyMemory<byte> Signature)
{
    /// <summary>A signature has a kilobyte.</summary>
    public const int SignatureLimit = 64 * 1024;
}
