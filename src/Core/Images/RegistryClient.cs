using System.Net;
using DotnetRelease.Http;
using DotnetRelease.Storage;

namespace DotnetRelease.Images;

/// <summary>A manifest as a registry gave it.</summary>
/// <param name="Bytes">Exactly what was sent.</param>
/// <param name="MediaType">The <c>Content-Type</c> without parameters, or null.</param>
internal sealed record ReceivedManifest(ReadOnlyMemory<byte> Bytes, string? MediaType);

/// <summary>Reads one repository of one registry (OCI distribution specification, pulling; Docker registry HTTP API V2).</summary>
/// <param name="access">The way there.</param>
/// <param name="reference">Which registry and repository.</param>
internal sealed class RegistryClient(RegistryAccess access, RegistryReference reference) : IDisposable
{
    private readonly RegistryToken _token = new(access, reference);

    /// <summary>For messages.</summary>
    internal string Host => reference.Registry;

    /// <summary>What the tag means now. A HEAD, which registries do not count as a pull; a GET where the answer lacks the digest.</summary>
    internal async Task<Digest> ResolveAsync(CancellationToken ct)
    {
        var told = await AskAsync(
            Manifest(reference.Asked) with { Method = HttpMethod.Head },
            async reply =>
            {
                if (reply.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                {
                    await RequireOkAsync(reply, $"manifest '{reference.Asked}'", ct);
                }

                return ToldDigest(reply);
            },
            ct);
        return told ?? Digest.Of((await ReadManifestAsync(reference.Asked, ct)).Bytes.Span);
    }

    /// <summary>Reads a manifest or an index by tag or digest; what was announced about its digest is true.</summary>
    /// <exception cref="ReleaseException">Among others <see cref="Fault.ImageNotFound"/> and <see cref="Fault.ImageMismatch"/>.</exception>
    internal Task<ReceivedManifest> ReadManifestAsync(string asked, CancellationToken ct) => AskAsync(
        Manifest(asked),
        async reply =>
        {
            await RequireOkAsync(reply, $"manifest '{asked}'", ct);
            using var bytes = new MemoryStream();
            await reply.Content.CopyToAsync(bytes, ct);
            var actual = Digest.Of(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            Digest? demanded = Digest.TryParse(asked, out var digest) ? digest : null;
            foreach (var expected in new[] { demanded, ToldDigest(reply) }.OfType<Digest>().Where(expected => expected != actual))
            {
                throw reference.Failure(Fault.ImageMismatch, $"manifest '{asked}' should have {expected}, but has {actual}; nothing was stored");
            }

            return new ReceivedManifest(bytes.ToArray(), reply.Value("Content-Type")?.Split(';')[0].Trim());
        },
        ct);

    /// <summary>Hands the body of a small blob to <paramref name="receive"/>, which checks it and is called again for each new attempt.</summary>
    internal Task<T> ReceiveBlobAsync<T>(Descriptor blob, Func<Stream, Task<T>> receive, CancellationToken ct) => AskAsync(
        new HttpAsk(Url($"blobs/{blob.Digest}")) { MaxBytes = blob.Size },
        async reply =>
        {
            await RequireOkAsync(reply, $"blob {blob.Digest}", ct);
            CheckLength(reply, blob);
            return await receive(reply.Content);
        },
        ct);

    /// <summary>Adds to a part what is missing of a blob.</summary>
    internal Task CompleteBlobAsync(Descriptor blob, PartialFile part, Action<long> progress, CancellationToken ct)
    {
        var transfer = new PartialTransfer(part, progress);
        var ask = transfer.Of(new HttpAsk(Url($"blobs/{blob.Digest}")));
        return AskAsync(
            ask,
            async reply =>
            {
                if (!transfer.IsRest(ask, reply))
                {
                    await RequireOkAsync(reply, $"blob {blob.Digest}", ct);
                    CheckLength(reply, blob);
                }

                await transfer.TakeAsync(reply, ct);
                return true;
            },
            ct);
    }

    public void Dispose() => _token.Dispose();

    /// <summary>Asks, and once more with a token when the registry wants one.</summary>
    internal async Task<T> AskAsync<T>(HttpAsk ask, Func<HttpReply, Task<T>> receive, CancellationToken ct)
    {
        for (var answered = false; ; answered = true)
        {
            var used = _token.Headers;
            var (challenge, result) = await access.Http.Value.ReceiveAsync(
                ask with { Headers = used, Once = ask.Once || access.HasAnother },
                async reply => !answered && IsChallenge(reply)
                    ? (reply.Values("WWW-Authenticate"), default(T))
                    : ((IReadOnlyList<string>?)null, await receive(reply)),
                ct);
            if (challenge is null)
            {
                return result!;
            }

            await _token.AnswerAsync(challenge, used, ct);
        }
    }

    internal Uri Url(string what) => new(reference.Endpoint, $"v2/{reference.Repository}/{what}");

    private HttpAsk Manifest(string asked) => new(Url($"manifests/{asked}"))
    {
        Accept = string.Join(", ", MediaType.Accepted),
        MaxBytes = ManifestDocument.SizeLimit,
    };

    // Blobs are often redirected to a storage host, whose 401 is none of our business.
    private bool IsChallenge(HttpReply reply) =>
        reply.Status is HttpStatusCode.Unauthorized
        && reply.Url.GetLeftPart(UriPartial.Authority).Equals(reference.Endpoint.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    private void CheckLength(HttpReply reply, Descriptor blob)
    {
        if (reply.Length is { } announced && announced != blob.Size)
        {
            throw reference.Failure(
                Fault.ImageMismatch, $"{blob.Digest} should have {blob.Size} bytes, the registry announces {announced}; nothing was stored");
        }
    }

    private Digest? ToldDigest(HttpReply reply)
    {
        var told = reply.Status is HttpStatusCode.OK ? reply.Value("Docker-Content-Digest") : null;
        return told is null || !told.StartsWith("sha256:", StringComparison.Ordinal) ? null
            : Digest.TryParse(told, out var digest) ? digest
            : throw reference.Failure(Fault.ImageMalformed, $"the registry gives the digest '{Printable.Of(told)}'");
    }

    private async Task RequireOkAsync(HttpReply reply, string what, CancellationToken ct)
    {
        if (reply.Status is HttpStatusCode.OK)
        {
            return;
        }

        var said = $"{(int)reply.Status} {reply.Status}{await RegistryErrors.CodesAsync(reply.Content, ct)}";
        var skopeo = $"docker://{reference.Registry}/{reference.Repository}{(reference.Endpoint.IsLoopback ? " --tls-verify=false" : "")}";
        throw reply.Status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => reference.Failure(
                Fault.ImageNotFound, $"the registry has no {what} ({said})", $"Check name and tag: skopeo list-tags {skopeo}"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => reference.Failure(
                Fault.RemoteUnauthorized,
                $"the registry refuses {what} ({said}): the image does not exist or needs a login{_token.LoginWords}",
                RegistryToken.LoginElsewhere(reference)),
            _ => reference.Failure(Fault.RemoteFailed, $"the registry was asked for {what} and answered {said}"),
        };
    }
}
