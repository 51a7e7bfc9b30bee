using System.Collections.Immutable;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;

namespace DotnetRelease.Tags;

/// <summary>
/// Finds out who signed a tag. git is not asked: which program it would run, and what that program would trust, is configured where
/// the author of a forged tag may have been.
/// </summary>
/// <param name="list">Whose signatures count.</param>
/// <param name="keyFiles">The key files that the list names, by their paths, from the same commit.</param>
public sealed class TagSignatureCheck(MaintainerList list, IReadOnlyDictionary<string, byte[]> keyFiles)
{
    /// <summary>The paths of the key files that are needed to check a tag.</summary>
    public static ImmutableArray<string> KeyFilesOf(MaintainerList list, TagObject tag)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(tag);
        return tag.Signature?.Kind is TagSignatureKind.OpenPgp
            ? [.. list.Maintainers.Select(each => each.Key).OfType<OpenPgpMaintainerKey>().Select(key => key.File).Distinct(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Checks the signature over exactly the bytes that were read.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TagNotSigned"/>, <see cref="Fault.TagSignatureBad"/>, <see cref="Fault.TagKeyRefused"/>, <see cref="Fault.TagSignerUnknown"/>, and
    /// <see cref="Fault.MaintainersInvalid"/> for a key file that does not hold the listed key.
    /// </exception>
    public async Task<TagSigner> CheckAsync(TagObject tag, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tag);
        var signature = tag.Signature ?? throw new ReleaseException(Fault.TagNotSigned, $"The tag \"{tag.Name}\" ({tag.Id}) is not signed.");
        if (list.Maintainers.IsEmpty)
        {
            throw new ReleaseException(Fault.MaintainersMissing, $"{MaintainerList.FileName} names no maintainer, so nobody may release anything. {list.Source}")
            {
                Remedy = $"Add the first [[maintainer]] to {MaintainerList.FileName} on the protected branch.",
            };
        }

        // Private, and found and removed by the next run when this one is killed.
        await using var home = await GpgHome.CreateAsync(ct);
        return signature.Kind is TagSignatureKind.Ssh
            ? await new SshTagCheck(list, home.Path).CheckAsync(tag, ct)
            : await new OpenPgpTagCheck(list, home, Certificates()).CheckAsync(tag, ct);
    }

    /// <summary>Checks a detached OpenPGP signature over a file, as strictly as that of a tag.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagSignatureBad"/>, <see cref="Fault.TagKeyRefused"/>, <see cref="Fault.TagSignerUnknown"/> and <see cref="Fault.MaintainersInvalid"/>.</exception>
    public async Task<TagSigner> CheckAsync(SignedFile file, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        await using var home = await GpgHome.CreateAsync(ct);
        return await new OpenPgpTagCheck(list, home, Certificates()).CheckAsync(file, ct);
    }

    private ImmutableArray<OpenPgpCertificate> Certificates() =>
        [.. list.Maintainers.Where(each => each.Key is OpenPgpMaintainerKey).Select(each => Certificate((OpenPgpMaintainerKey)each.Key, each.Position))];

    private OpenPgpCertificate Certificate(OpenPgpMaintainerKey key, SourcePosition position)
    {
        if (!keyFiles.TryGetValue(key.File, out var file))
        {
            throw Invalid("is not in the same commit");
        }

        // A file may hold the keys of several people; only the listed one gets into the keyring.
        var found = OpenPgpCertificate.ReadAll(file, out var refusal);
        return found.FirstOrDefault(each => string.Equals(each.Fingerprint, key.Fingerprint, StringComparison.Ordinal))
            ?? throw Invalid(found.IsEmpty ? refusal : $"holds {string.Join(", ", found.Select(each => each.Fingerprint))}, and not {key.Fingerprint}");

        ReleaseException Invalid(string what) => new(Fault.MaintainersInvalid, $"The key file '{key.File}' {what}. {list.Source}", position)
        {
            Remedy = $"Write it again: gpg --armor --export {key.Fingerprint} > {key.File}",
        };
    }
}
