using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>Whose signature is expected: the keys of <c>--key</c>, else the settings' signing key, taken from the keyring.</summary>
internal static class ExpectedKeys
{
    public static Option<string[]> Option() =>
        new("--key") { HelpName = "file", Description = "File with the public key that has to have signed; repeatable for a change of keys." };

    /// <summary>Makes a verifier of exactly these keys.</summary>
    public static async Task<RpmVerifier> OpenAsync(Session session, string[] keys, CancellationToken ct)
    {
        var verifier = await RpmVerifier.OpenAsync(await CertificatesAsync(session, keys, ct), ct);
        foreach (var leftover in verifier.RemovedLeftovers)
        {
            session.Reporter.Info($"Removed '{leftover}', a keyring that a killed run left behind.");
        }

        return verifier;
    }

    private static async Task<ImmutableArray<ReadOnlyMemory<byte>>> CertificatesAsync(Session session, string[] keys, CancellationToken ct)
    {
        if (keys.Length > 0)
        {
            return [.. keys.Select(key => (ReadOnlyMemory<byte>)ReadKey(session.Resolve(key)))];
        }

        return (await Workspace.TryOpenAsync(session.Folder, session.Config, ct))?.Settings.Signing is { } signing
            ? [await new Gpg().ExportAsync(signing.Key, armor: false, ct)]
            : throw new ReleaseException(Fault.Usage, "Nobody said whose signature is expected.") { Remedy = "Name a file with the public key: --key project.asc" };
    }

    private static byte[] ReadKey(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The key file '{path}' could not be read: {ex.Message}", inner: ex);
        }
    }
}
