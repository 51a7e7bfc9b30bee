using DotnetRelease.Planning;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The keys that a rule about a source names, in the form in which signatures are checked: people who may release whatever they signed.</summary>
internal static class SourceKeys
{
    /// <summary>Reads the keys.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>: a key of ssh is none.</exception>
    internal static async Task<(MaintainerList List, IReadOnlyDictionary<string, byte[]> Files)> ReadAsync(Workspace workspace, SourceSigners signers, SourcePosition position, CancellationToken ct)
    {
        var keys = signers.Fingerprints.Select(key => (MaintainerKey)new OpenPgpMaintainerKey(key, signers.Keyring!)).Concat(signers.SshKeys.Select(key => Ssh(key, position)));
        var list = new MaintainerList("", [.. keys.Select(key => Person(key, position))], []) { Source = $"Whose signatures count is said at {position}." };
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (signers.Keyring is { } keyring)
        {
            files[keyring] = await workspace.ReadAsync(keyring, ct);
        }

        return (list, files);
    }

    private static SshMaintainerKey Ssh(string key, SourcePosition position) => new(
        SshPublicKey.TryParse(key, out var refusal) ?? throw new ReleaseException(Fault.SettingsInvalid, $"A key of ssh in 'signed-by' {refusal.TrimEnd('.')}.", position));

    private static Maintainer Person(MaintainerKey key, SourcePosition position) =>
        new("signed-by", key, position) { Packages = [new NamePattern("*")], Channels = [TagQuestion.DefaultChannel] };
}
