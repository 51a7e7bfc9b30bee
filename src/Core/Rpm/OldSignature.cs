using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>A signature as rpm 3 made it, over header and payload together; gpg gets both as a stream.</summary>
/// <param name="Packet">The signature.</param>
/// <param name="Path">The file.</param>
/// <param name="Start">Where the header starts in it; all that follows is covered.</param>
internal sealed record OldSignature(OpenPgpSignature Packet, string Path, long Start)
{
    private const int CopyBuffer = 256 * 1024;

    internal async Task<SignatureFinding> CheckAsync(Gpg gpg, CancellationToken ct)
    {
        await using var file = RpmReader.Open(Path);
        var length = file.Length - Start;
        if (length > uint.MaxValue / 2)
        {
            // Longer than such a package ever was; what gpg did not say is not good.
            return SignatureFinding.Of(new GpgStatus([]));
        }

        var outcome = await Exec.RunAsync(gpg.Command([.. Gpg.Offline, "--verify"]), WriteAsync, ct);
        return SignatureFinding.Of(GpgStatus.Parse(outcome.Output));

        async Task WriteAsync(Stream input)
        {
            file.Position = Start;
            await input.WriteAsync(Packet.MessageStart(length), ct);
            await file.CopyToAsync(input, CopyBuffer, ct);
            await input.WriteAsync(Packet.Packet, ct);
        }
    }
}
