using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>A throw-away OpenPGP key without passphrase in a home of its own, made once per process and removed at its end.</summary>
public sealed class TestKey
{
    private static readonly Lazy<Task<TestKey>> LazyRsa = new(() => MakeAsync("rsa3072", "never", null));
    private static readonly Lazy<Task<TestKey>> LazyRsaWithSubkey = new(() => MakeAsync("rsa4096", "never", "rsa4096"));
    private static readonly Lazy<Task<TestKey>> LazyEd25519 = new(() => MakeAsync("ed25519", "never", null));
    private static readonly Lazy<Task<TestKey>> LazyExpired = new(() => MakeAsync("ed25519", "seconds=86400", null, "20200101T000000"));

    private TestKey(string home, GpgCertificate certificate) => (Home, Certificate) = (home, certificate);

    /// <summary>RSA of 3072 bits.</summary>
    public static Task<TestKey> Rsa => LazyRsa.Value;

    /// <summary>RSA of 4096 bits with a signing subkey of the same size.</summary>
    public static Task<TestKey> RsaWithSubkey => LazyRsaWithSubkey.Value;

    /// <summary>Ed25519.</summary>
    public static Task<TestKey> Ed25519 => LazyEd25519.Value;

    /// <summary>Ed25519, made on 2020-01-01 for one day.</summary>
    public static Task<TestKey> Expired => LazyExpired.Value;

    /// <summary>The GnuPG home.</summary>
    public string Home { get; }

    /// <summary>The certificate.</summary>
    public GpgCertificate Certificate { get; }

    /// <summary>Fingerprint of the primary key.</summary>
    public string Fingerprint => Certificate.Fingerprint;

    /// <summary>gpg in this home.</summary>
    public Gpg Gpg => new(Home);

    /// <summary>The public certificate.</summary>
    public Task<ReadOnlyMemory<byte>> PublicAsync(bool armor = false) => Gpg.ExportAsync(Fingerprint, armor, CancellationToken.None);

    /// <summary>Makes a key that only one test uses.</summary>
    /// <param name="algorithm">As <c>--quick-generate-key</c> names it.</param>
    /// <param name="expires">As gpg takes it.</param>
    /// <param name="subkey">Algorithm of a signing subkey, or null for none.</param>
    /// <param name="madeAt">gpg's ISO time to make it at, or null for now.</param>
    public static async Task<TestKey> MakeAsync(string algorithm, string expires, string? subkey, string? madeAt = null)
    {
        var home = Leftovers.NewFolder();
        var gpg = new Gpg(home);
        string[] unattended = [.. madeAt is null ? (string[])[] : ["--faked-system-time", madeAt + "!"], "--pinentry-mode", "loopback", "--passphrase", ""];
        await Exec.ReadAsync(gpg.Command([.. unattended, "--quick-generate-key", "Test Key <test@example.org>", algorithm, "sign", expires]), CancellationToken.None);
        var made = (await gpg.ListSecretAsync("", CancellationToken.None)).Single();
        if (subkey is not null)
        {
            await Exec.ReadAsync(gpg.Command([.. unattended, "--quick-add-key", made.Fingerprint, subkey, "sign", expires]), CancellationToken.None);
            made = (await gpg.ListSecretAsync("", CancellationToken.None)).Single();
        }

        return new TestKey(home, made);
    }
}
