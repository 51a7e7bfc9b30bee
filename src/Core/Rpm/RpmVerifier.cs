using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Rpm;

/// <summary>
/// Checks RPMs against expected certificates and nothing else: all digests, then the signatures in a throw-away home that holds exactly
/// these certificates. One home serves any number of files; calls on one verifier come one after the other.
/// </summary>
public sealed class RpmVerifier : IAsyncDisposable
{
    /// <summary>So many files are read before their signatures are judged; their headers are in memory meanwhile.</summary>
    private const int BatchSize = 128;

    private readonly GpgHome _home;
    private readonly SignatureCheck _check;

    private RpmVerifier(GpgHome home, ImmutableArray<GpgCertificate> certificates, VettedKeys keys) =>
        (_home, Certificates, _check) = (home, certificates, new SignatureCheck(home, keys));

    /// <summary>The certificates that may have signed.</summary>
    public ImmutableArray<GpgCertificate> Certificates { get; }

    /// <summary>Keyrings of killed runs that were found and removed.</summary>
    public ImmutableArray<string> RemovedLeftovers => _home.Removed;

    /// <summary>Names this run as long as it is alive; see <see cref="GpgHome.IsAlive"/>.</summary>
    internal string RunName => _home.Name;

    /// <summary>Makes the home.</summary>
    /// <param name="certificates">Public certificates, binary or armored, exactly one each.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyFileMalformed"/>: one holds none, several, or a secret key.</exception>
    public static async Task<RpmVerifier> OpenAsync(ImmutableArray<ReadOnlyMemory<byte>> certificates, CancellationToken ct)
    {
        var home = await GpgHome.CreateAsync(ct);
        try
        {
            foreach (var certificate in certificates)
            {
                await CertificateFile.ImportAsync(home.Gpg, certificate, ct);
            }

            var (listed, keys) = (home.Gpg.ListAsync("", ct), VettedKeys.ReadAsync(home.Gpg, ct));
            return new RpmVerifier(home, await listed, await keys);
        }
        catch
        {
            await home.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks files. What is wrong with a file becomes its verdict, never an exception; the order is that of the paths.</summary>
    public Task<ImmutableArray<RpmVerification>> VerifyAsync(ImmutableArray<string> paths, CancellationToken ct) => VerifyAsync(Task.FromResult(this), paths, ct);

    /// <summary>The same with a verifier that is still being made: the first files are read meanwhile.</summary>
    internal static async Task<ImmutableArray<RpmVerification>> VerifyAsync(Task<RpmVerifier> verifier, ImmutableArray<string> paths, CancellationToken ct)
    {
        var results = ImmutableArray.CreateBuilder<RpmVerification>(paths.Length);
        foreach (var batch in paths.Chunk(BatchSize))
        {
            var candidates = new RpmCandidate[batch.Length];
            await Parallel.ForAsync(0, batch.Length, ct, async (index, token) => candidates[index] = await RpmCandidate.ReadAsync(batch[index], token));
            results.AddRange(await (await verifier).JudgeAsync(candidates, ct));
        }

        return results.MoveToImmutable();
    }

    /// <summary>Checks one file and accepts it or throws.</summary>
    /// <exception cref="ReleaseException">Any verdict but good.</exception>
    public async Task<SignedRpm> AcceptAsync(string path, CancellationToken ct) => (await VerifyAsync([path], ct))[0].Accept();

    /// <summary>Checks a detached signature over a file, such as that of <c>repomd.xml</c>, by the same rules.</summary>
    public async Task<RpmVerdict> VerifyDetachedAsync(string signaturePath, string dataPath, CancellationToken ct) =>
        new SignatureJudge(Certificates, DateTimeOffset.UtcNow).Judge(SignatureFinding.Of(await _home.Gpg.VerifyAsync(Path.GetFullPath(signaturePath), Path.GetFullPath(dataPath), ct)), "an unnamed key");

    /// <summary>The same for what is in memory.</summary>
    public async Task<RpmVerdict> VerifyDetachedAsync(ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home.Path, $"detached-{Guid.NewGuid():n}"));
        try
        {
            var (signaturePath, dataPath) = (Path.Combine(folder.FullName, "signature"), Path.Combine(folder.FullName, "data"));
            await File.WriteAllBytesAsync(signaturePath, signature, ct);
            await File.WriteAllBytesAsync(dataPath, data, ct);
            return await VerifyDetachedAsync(signaturePath, dataPath, ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private async Task<IEnumerable<RpmVerification>> JudgeAsync(RpmCandidate[] candidates, CancellationToken ct)
    {
        var judge = new SignatureJudge(Certificates, DateTimeOffset.UtcNow);
        var found = await _check.RunAsync([.. candidates.SelectMany(candidate => candidate.Signatures)], ct);
        var old = new Dictionary<OldSignature, SignatureFinding>(ReferenceEqualityComparer.Instance);
        foreach (var signature in candidates.SelectMany(candidate => candidate.OldSignatures))
        {
            old.Add(signature, await signature.CheckAsync(_home.Gpg, ct));
        }

        return candidates.Select(candidate => candidate.Conclude(judge, candidate.Signatures.Select(one => found[one]), candidate.OldSignatures.Select(one => old[one])));
    }
}
