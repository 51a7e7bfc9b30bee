using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Signs the headers of RPMs (format 4). A private copy gets the signature, is checked as a client would check it, and takes the
/// file's name only then; what is already well signed stays byte-identical.
/// </summary>
public sealed class RpmSigner : IAsyncDisposable
{
    private readonly KeySession _session;
    private readonly Task<RpmVerifier> _verifier;

    private RpmSigner(SigningKey key, KeySession session, Task<RpmVerifier> verifier) => (Key, _session, _verifier) = (key, session, verifier);

    /// <summary>The key that signs.</summary>
    public SigningKey Key { get; }

    /// <summary>Keyrings and unfinished copies of killed runs that were found and removed, so far.</summary>
    public ImmutableArray<string> RemovedLeftovers { get; private set; } = [];

    /// <summary>Checks the key, reaches for its agent, and begins to make the throw-away keyring that will judge the results.</summary>
    /// <param name="gpg">The home with the secret key; its agent does the work.</param>
    /// <param name="key">A full fingerprint, with or without a closing <c>!</c>.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyNameMalformed"/>, <see cref="Fault.KeyUnusable"/> or <see cref="Fault.KeyRefused"/>.</exception>
    public static async Task<RpmSigner> OpenAsync(Gpg gpg, string key, CancellationToken ct)
    {
        var found = await SigningKey.FindAsync(gpg, key, ct);

        // Beside the session and the first reading of the packages: each of them mostly waits for something else.
        var verifier = OpenVerifierAsync(gpg, found, ct);
        try
        {
            return new RpmSigner(found, await KeySession.OpenAsync(gpg, found, ct), verifier);
        }
        catch
        {
            await EndAsync(verifier);
            throw;
        }
    }

    /// <summary>
    /// Signs what is not yet well signed. Files are replaced only after all of them were signed and checked; the order of the
    /// results is that of the paths.
    /// </summary>
    /// <exception cref="ReleaseException">
    /// Among others <see cref="Fault.RpmDamaged"/>, <see cref="Fault.SigningFailed"/>, and whatever the keyring of the judge could not be
    /// made for; then no file was changed.
    /// </exception>
    public async Task<ImmutableArray<SigningResult>> SignAsync(ImmutableArray<string> paths, CancellationToken ct)
    {
        ImmutableArray<string> resolved = [.. paths.Select(Resolve)];
        RemovedLeftovers = [.. RemovedLeftovers, .. SigningJob.RemoveLeftovers(resolved, GpgHome.IsAlive)];
        var found = await RpmVerifier.VerifyAsync(_verifier, resolved, ct);
        var verifier = await _verifier;
        RemovedLeftovers = [.. RemovedLeftovers.Union(verifier.RemovedLeftovers, StringComparer.Ordinal)];
        var jobs = found.Where(NeedsSigning).DistinctBy(verification => verification.Path, StringComparer.Ordinal)
            .Select(verification => new SigningJob(verification.File ?? throw Unsignable(verification), verifier.RunName)).ToList();
        try
        {
            var copies = await WriteCopiesAsync(jobs, verifier, ct);
            var signed = jobs.Zip(copies, (job, copy) => job.Prove(copy, Key)).ToDictionary(file => file.File.Path, StringComparer.Ordinal);
            SigningJob.Commit(jobs);
            return [.. found.Select(one => signed.TryGetValue(one.Path, out var now) ? new SigningResult(now, IsNew: true) : new SigningResult(one.Accept(), IsNew: false))];
        }
        finally
        {
            jobs.ForEach(job => job.Discard());
        }
    }

    /// <summary>
    /// Says what <see cref="SignAsync"/> would do, without the secret key and without a write: files whose verdict is not good would be
    /// signed. Needs the public key in the keyring; without it every file counts as one to sign.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyNameMalformed"/>, or what a file that cannot be signed is refused with.</exception>
    public static async Task<ImmutableArray<RpmVerification>> PreviewAsync(Gpg gpg, string key, ImmutableArray<string> paths, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gpg);
        var fingerprint = SigningKey.FingerprintOf(key) ?? throw SigningKey.NotAFingerprint(key, []);
        var listed = await gpg.ListAsync(fingerprint, ct);
        ImmutableArray<ReadOnlyMemory<byte>> certificates = listed is [var certificate, ..] ? [await gpg.ExportAsync(certificate.Fingerprint, armor: false, ct)] : [];
        await using var verifier = await RpmVerifier.OpenAsync(certificates, ct);
        var found = await verifier.VerifyAsync([.. paths.Select(Resolve)], ct);
        return found.FirstOrDefault(one => one.File is null) is { } unsignable ? throw Unsignable(unsignable) : found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await EndAsync(_verifier);
    }

    private static async Task<RpmVerifier> OpenVerifierAsync(Gpg gpg, SigningKey key, CancellationToken ct) =>
        await RpmVerifier.OpenAsync([await gpg.ExportAsync(key.Certificate.Fingerprint, armor: false, ct)], ct);

    /// <summary>Waits until it is made or has failed, and then ends it.</summary>
    private static async ValueTask EndAsync(Task<RpmVerifier> verifier)
    {
        await Task.WhenAny(verifier);
        if (verifier.IsCompletedSuccessfully)
        {
            await (await verifier).DisposeAsync();
        }
    }

    /// <summary>Signs into the copies, and checks what was written.</summary>
    private async Task<IEnumerable<RpmVerification>> WriteCopiesAsync(List<SigningJob> jobs, RpmVerifier verifier, CancellationToken ct)
    {
        if (jobs is not [var first, .. var others])
        {
            return [];
        }

        // The first one alone: it may make the agent ask for a passphrase, which the others then find unlocked.
        await first.WriteCopyAsync(_session, ct);

        // gpg judges the first signature while the others are made; for them the arithmetic will do.
        var firstCopy = verifier.VerifyAsync([first.Copy], ct);
        await Task.WhenAll(firstCopy, Parallel.ForEachAsync(others, ct, async (job, token) => await job.WriteCopyAsync(_session, token)));
        return [.. await firstCopy, .. await verifier.VerifyAsync([.. others.Select(job => job.Copy)], ct)];
    }

    private bool NeedsSigning(RpmVerification verification) => verification.Verdict is not { IsGood: true, Signature: { } by } || !Key.Made(by);

    /// <summary>A link stays a link; what it points to is signed.</summary>
    private static string Resolve(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be opened: {ex.Message}", inner: ex);
        }
    }

    private static ReleaseException Unsignable(RpmVerification verification) =>
        new(verification.Verdict.Fault!, $"'{verification.Path}' {verification.Verdict.Text}; nothing was signed.");
}
