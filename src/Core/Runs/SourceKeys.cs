using DotnetRelease.Planning;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The keys that a rule about a source names, in the form in which signatures are checked: people who may release whatever they signed.</summary>
internal static class SourceKeys
{
    /// <summary>Reads the keyring.</summary>
    internal static async Task<(MaintainerList List, IReadOnlyDictionary<string, byte[]> Files)> ReadAsync(Workspace workspace, SourceSigners signers, SourcePosition position, CancellationToken ct)
    {
        var list = new MaintainerList("", [.. signers.Fingerprints.Select(key => Person(key, signers, position))], []) { Source = $"Whose signatures count is said at {position}." };
        return (list, new Dictionary<string, byte[]>(StringComparer.Ordinal) { [signers.Keyring] = await workspace.ReadAsync(signers.Keyring, ct) });
    }

    private static Maintainer Person(string key, SourceSigners signers, SourcePosition position) =>
        new(signers.Keyring, new OpenPgpMaintainerKey(key, signers.Keyring), position) { Packages = [new NamePattern("*")], Channels = [TagQuestion.DefaultChannel] };
}
