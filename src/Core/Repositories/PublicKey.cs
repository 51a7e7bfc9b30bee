using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Repositories;

/// <summary>A public certificate as clients import it.</summary>
/// <param name="Fingerprint">Of the primary key.</param>
/// <param name="Armored">ASCII, with a line end behind.</param>
public sealed record PublicKey(string Fingerprint, ReadOnlyMemory<byte> Armored)
{
    /// <summary>Exports a certificate from a keyring; one that was made for a single run may lack it, then the user's own is asked.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: it is in neither.</exception>
    public static async Task<PublicKey> FindAsync(Gpg gpg, string name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        ArgumentNullException.ThrowIfNull(name);
        ImmutableArray<Gpg> places = [gpg, new Gpg()];
        foreach (var place in places)
        {
            if ((await place.ListAsync(name.TrimEnd('!'), ct)).FirstOrDefault() is { } certificate)
            {
                return new PublicKey(certificate.Fingerprint, await place.ExportAsync(certificate.Fingerprint, armor: true, ct));
            }
        }

        throw new ReleaseException(Fault.KeyUnusable, $"The public key {name.TrimEnd('!')} is not in the keyring.") { Remedy = "Import it, so that clients can get it: gpg --import KEY.asc" };
    }
}
