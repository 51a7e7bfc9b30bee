using System.Collections.Immutable;
using DotnetRelease.Http;
using DotnetRelease.Planning;
using DotnetRelease.Sources;
using DotnetRelease.Storage;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>
/// Sources that their publisher signed: the detached signature is checked before the first use of a file on this machine, and before its digest
/// is written down. Signatures are looked for among the sources of the spec, beside it, and where the file itself comes from.
/// </summary>
internal sealed class SignedSources(Workspace workspace, HttpDoor door, ContentCache cache, IReporter reporter)
{
    /// <summary>What publishers add to the name of the file.</summary>
    private static readonly string[] Endings = [".asc", ".sig", ".sign"];

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>The time of the decision.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Demands the signatures of those sources that rules say have one; what was good once, with the same keys, still is.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceSignatureRefused"/>, or what getting a signature throws.</exception>
    internal async Task DemandAsync(RpmSettings rpm, ImmutableArray<PlannedSource> planned, ImmutableArray<VerifiedSource> verified, CancellationToken ct)
    {
        foreach (var (source, file) in planned.Zip(verified))
        {
            if (rpm.RuleOf(file.File) is not { Git: null, SignedBy: { } signers } rule)
            {
                continue;
            }

            var keyring = await workspace.ReadAsync(signers.Keyring!, ct);
            var finding = $"signed-1-{Digest.Of([.. keyring, .. System.Text.Encoding.ASCII.GetBytes(string.Join(',', signers.Fingerprints))]).Hex}";
            if (!cache.IsNoted(file.Digest, finding))
            {
                var signed = new SignedDownload(rule, rpm, file.File, file.Path) { Url = source.Url };
                await CheckAsync(signed, verified, ct);
                cache.Note(file.Digest, finding);
            }
        }
    }

    /// <summary>Downloads a file whose digest nobody knows yet, and demands its signature before anybody else sees it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceSignatureRefused"/>, or what the downloads throw.</exception>
    internal async Task ReceiveAsync(RuledSource source, Func<MadeSource, Task> take, CancellationToken ct)
    {
        if (!Uri.TryCreate(source.SpecUrl?.Split('#')[0], UriKind.Absolute, out var url))
        {
            throw new ReleaseException(Fault.SourceWithoutDigest, $"The spec says no URL of {source.File}, so it cannot be downloaded.", source.Rule.Position)
            {
                Remedy = "Write the whole URL into the Source line, or the digest into 'sources' by hand.",
            };
        }

        using var place = TemporaryFolder.Create("source");
        var path = Path.Combine(place.Path, source.File);
        var ask = new HttpAsk(url) { MaxBytes = ContentCache.UnknownSizeLimit, Progress = done => reporter.Progress(source.File, done, null) };
        await door.ReceiveAsync(
            ask,
            async reply =>
            {
                reply.RequireOk();
                await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
                await reply.Content.CopyToAsync(file, ct);
                return true;
            },
            ct);
        var signer = await CheckAsync(new SignedDownload(source.Rule, source.Rpm, source.File, path) { Url = source.SpecUrl }, [], ct);
        await take(new MadeSource(path, $"{UrlRules.Show(url)}, signed by {signer.SigningKey},"));
    }

    /// <summary>Checks one file.</summary>
    /// <returns>Who signed it.</returns>
    internal async Task<TagSigner> CheckAsync(SignedDownload file, ImmutableArray<VerifiedSource> others, CancellationToken ct)
    {
        var signature = await ReadSignatureAsync(file, others, ct);
        var (list, keys) = await SourceKeys.ReadAsync(workspace, file.Rule.SignedBy!, file.Rule.Position, ct);
        try
        {
            var signer = await new TagSignatureCheck(list, keys).CheckAsync(new SignedFile(file.Name, file.Path, signature), ct);
            return signer.Made <= Clock.GetUtcNow() + ClockSkew
                ? signer
                : throw new ReleaseException(Fault.TagSignatureBad, $"{file.Name} is signed by {signer.SigningKey} in the future, {signer.Made:yyyy-MM-dd HH:mm}Z.");
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.TagSignatureBad || ex.Fault == Fault.TagKeyRefused || ex.Fault == Fault.TagSignerUnknown)
        {
            throw new ReleaseException(Fault.SourceSignatureRefused, ex.Message, file.Rule.Position, ex);
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadSignatureAsync(SignedDownload file, ImmutableArray<VerifiedSource> others, CancellationToken ct)
    {
        var told = file.Rule.Signature?.Replace(SourceRule.Version, file.Rule.VersionIn(file.Name), StringComparison.Ordinal);
        if (told?.Contains("://", StringComparison.Ordinal) is true)
        {
            return await DownloadAsync(new Uri(told), ct);
        }

        string[] names = told is null ? [.. Endings.Select(ending => file.Name + ending)] : [told];
        var beside = Path.GetDirectoryName(workspace.Resolve(file.Rpm.Spec))!;
        var path = others.FirstOrDefault(other => names.Contains(other.File, StringComparer.Ordinal))?.Path
            ?? names.Select(name => Path.Combine(beside, name)).FirstOrDefault(File.Exists);
        return path is not null ? await ReadAsync(path, ct)
            : told is null && Uri.TryCreate(file.Url?.Split('#')[0], UriKind.Absolute, out var url) ? await DownloadAsync(new Uri(url.GetLeftPart(UriPartial.Path) + Endings[0]), ct)
            : throw new ReleaseException(Fault.SourceSignatureRefused, $"There is no signature of {file.Name}: no source of the spec and no file beside it is called {string.Join(" or ", names)}.", file.Rule.Position)
            {
                Remedy = "Say where it is: signature = \"https://…\" in this [[rpm.source]].",
            };
    }

    private async Task<ReadOnlyMemory<byte>> DownloadAsync(Uri url, CancellationToken ct)
    {
        var document = await door.ReadAsync(new HttpAsk(url) { MaxBytes = SignedFile.SignatureLimit }, ct);
        document.RequireOk();
        return document.Bytes;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(string path, CancellationToken ct) => new FileInfo(path).Length <= SignedFile.SignatureLimit
        ? await File.ReadAllBytesAsync(path, ct)
        : throw new ReleaseException(Fault.InputTooLarge, $"'{path}' is too large for a signature; at most {SignedFile.SignatureLimit} bytes are read.");
}

/// <summary>A file whose signature is wanted.</summary>
/// <param name="Rule">Whose.</param>
/// <param name="Rpm">What it is a source of.</param>
/// <param name="Name">As the spec names it.</param>
/// <param name="Path">Where its bytes are.</param>
internal sealed record SignedDownload(SourceRule Rule, RpmSettings Rpm, string Name, string Path)
{
    /// <summary>Where it is from, or null.</summary>
    internal string? Url { get; init; }
}
