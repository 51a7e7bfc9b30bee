namespace DotnetRelease.Processes;

/// <summary>
/// How a run gets at its secret key: the user's own gpg, or a key that was handed over for this run alone. What was handed over is
/// read once, at the start, and put into a keyring only when something is signed.
/// </summary>
public sealed class KeyAccess : IDisposable
{
    private readonly SecretKeyBytes? _key;
    private readonly Passphrase? _passphrase;

    private KeyAccess(SecretKeyBytes? key, Passphrase? passphrase) => (_key, _passphrase) = (key, passphrase);

    /// <summary>The user's gpg with its agent, as it is.</summary>
    public static KeyAccess OfUser { get; } = new(null, null);

    /// <summary>Reads what was handed over. Call it before any other program is started.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/> or <see cref="Fault.KeyFileMalformed"/>.</exception>
    public static KeyAccess Read(KeyOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var variable = KeyVariable.Take();
        var key = (origin.File, origin.Descriptor) switch
        {
            ({ }, { }) => throw new ReleaseException(Fault.KeyUnusable, "A secret key was handed over twice, as a file and through a descriptor.") { Remedy = "Leave one of them out." },
            ({ } file, null) => SecretKeyBytes.OfFile(file),
            (null, { } descriptor) => SecretKeyBytes.Of(InheritedDescriptor.Read(descriptor, "secret key"), $"descriptor {descriptor}"),
            _ => variable is null ? null : SecretKeyBytes.Of(variable, $"variable {KeyVariable.Name}"),
        };
        var passphrase = origin.PassphraseDescriptor is { } number ? Passphrase.Take(InheritedDescriptor.Read(number, "passphrase")) : null;
        return new KeyAccess(key, passphrase);
    }

    /// <summary>Makes the key ready to sign. Dispose what comes back as soon as the signatures are made.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyFileMalformed"/> or <see cref="Fault.WriteFailed"/>.</exception>
    public async Task<SigningHome> OpenAsync(CancellationToken ct) => _key is null
        ? new SigningHome(new Gpg { Passphrase = _passphrase }, null)
        : await SigningHome.ImportAsync(_key, _passphrase, ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        _key?.Dispose();
        _passphrase?.Dispose();
    }
}

/// <summary>Where a secret key and its passphrase come from, when not from the user's own gpg.</summary>
public sealed record KeyOrigin
{
    /// <summary>Full path of a file with the secret key, readable by its owner only.</summary>
    public string? File { get; init; }

    /// <summary>A descriptor that was handed over by the caller, from which the secret key is read.</summary>
    public int? Descriptor { get; init; }

    /// <summary>A descriptor from which the passphrase is read.</summary>
    public int? PassphraseDescriptor { get; init; }
}
