using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>A signature with what it covers.</summary>
/// <param name="Packet">The signature.</param>
/// <param name="Data">The bytes that were signed.</param>
/// <param name="Hash">What <see cref="OpenPgpSignature.HashOf"/> says of them.</param>
internal sealed record CoveredSignature(OpenPgpSignature Packet, ReadOnlyMemory<byte> Data, byte[]? Hash)
{
    /// <summary>Signatures that differ in nothing but their numbers and their time have the same.</summary>
    internal (string Issuer, byte KeyAlgorithm, byte HashAlgorithm) Sort => (Packet.Issuer, Packet.KeyAlgorithm, Packet.HashAlgorithm);

    internal static CoveredSignature Of(OpenPgpSignature packet, ReadOnlyMemory<byte> data) => new(packet, data, packet.HashOf(data.Span));
}

/// <summary>What is known of a signature.</summary>
/// <param name="Good">Who made it, when nothing speaks against it; else null.</param>
/// <param name="Said">gpg's words; none when it did not have to be asked.</param>
internal sealed record SignatureFinding(GpgSignature? Good, GpgStatus Said)
{
    internal static SignatureFinding Of(GpgStatus said) => new(said.Good(), said);
}
