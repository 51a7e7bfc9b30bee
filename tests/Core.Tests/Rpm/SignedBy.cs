using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Signs RPMs in ways that the signer refuses to: in the past, in the future, with SHA-1.</summary>
internal static class SignedBy
{
    /// <param name="source">An RPM, which stays as it is.</param>
    /// <param name="target">Where the signed copy goes.</param>
    /// <param name="key">Whose secret key.</param>
    /// <param name="options">For gpg, before <c>--detach-sign</c>.</param>
    internal static async Task GpgAsync(string source, string target, TestKey key, params string[] options)
    {
        var package = await RpmPackage.ReadAsync(source, CancellationToken.None);
        var command = key.Gpg.Command([.. options, "--local-user", key.Fingerprint, "--detach-sign"]) with { Input = package.Header.Bytes };
        await PutAsync(package, target, (await Exec.ReadAsync(command, CancellationToken.None)).OutputBytes);
    }

    internal static async Task PutAsync(RpmPackage package, string target, ReadOnlyMemory<byte> signature)
    {
        var packet = OpenPgpSignature.TryParse(signature);
        Assert.IsNotNull(packet);
        var rest = (await File.ReadAllBytesAsync(package.Path, CancellationToken.None)).AsMemory((int)package.Header.Offset);
        await File.WriteAllBytesAsync(target, [.. package.Lead.Bytes.Span, .. SignatureHeader.With(package, packet), .. rest.Span], CancellationToken.None);
    }
}
