using System.Collections.Immutable;

namespace DotnetRelease.Processes;

/// <summary>gpg with the secret key in reach: the user's own, which disposing leaves alone, or one with a short life.</summary>
public sealed class SigningHome : IAsyncDisposable
{
    private readonly GpgHome? _home;

    internal SigningHome(Gpg gpg, GpgHome? home) => (Gpg, _home) = (gpg, home);

    /// <summary>gpg there.</summary>
    public Gpg Gpg { get; }

    /// <summary>Homes of killed runs that were removed; their keys are gone with them.</summary>
    public ImmutableArray<string> Removed => _home?.Removed ?? [];

    /// <summary>Puts a secret key into a fresh home that only this user can read; its agent ends with it.</summary>
    internal static async Task<SigningHome> ImportAsync(SecretKeyBytes key, Passphrase? passphrase, CancellationToken ct)
    {
        var home = await GpgHome.CreateAsync(ct);
        try
        {
            FailPoint.At("key.home");
            var gpg = new Gpg(home.Path) { IsAttended = false, Passphrase = passphrase };
            var status = await gpg.ImportAsync(key.Bytes, autostart: true, ct);
            var secret = await gpg.ListSecretAsync("", ct);
            FailPoint.At("key.imported");
            return secret.Length is 1
                ? new SigningHome(gpg, home)
                : throw new ReleaseException(Fault.KeyFileMalformed, $"From {key.Origin} came {(secret.Length is 0 ? "no secret key" : $"{secret.Length} secret keys")}, expected is one{Reason(status)}.")
                {
                    Remedy = "Export it again: gpg --armor --export-secret-keys FINGERPRINT (or --export-secret-subkeys FINGERPRINT!).",
                };
        }
        catch (IOException ex)
        {
            await home.DisposeAsync();
            throw new ReleaseException(Fault.WriteFailed, $"The key from {key.Origin} could not be put into a keyring: {ex.Message}", inner: ex);
        }
        catch
        {
            await home.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_home is not null)
        {
            await _home.DisposeAsync();
        }
    }

    private static string Reason(GpgStatus status) => status.Find("NODATA") is not null ? " (gpg found no OpenPGP data)" : "";
}
