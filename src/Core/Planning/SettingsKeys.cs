using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>The keys that a settings file may have, table by table. The published schema names the same ones.</summary>
internal static class SettingsKeys
{
    public static readonly ImmutableArray<string> Root = ["project", "rpm", "target", "build", "sources", "signing", "repository", "github", "qa", "accept", "limits", "registry"];
    public static readonly ImmutableArray<string> Project = ["name", "github", "lockfiles", "tag-pattern", "version-files", "cooldown"];
    public static readonly ImmutableArray<string> Rpm = ["name", "spec", "follows", "version-of", "version-select", "targets", "smoke", "source"];
    public static readonly ImmutableArray<string> RpmSource = ["file", "git", "tag", "commit", "folder", "signed-by", "keyring", "signature", "sdist", "target", "prepare"];
    public static readonly ImmutableArray<string> Target = ["image", "arch", "eol", "dist", "glibc", "python", "prepare", "engine-host"];
    public static readonly ImmutableArray<string> Build = ["engine", "compression", "jobs"];
    public static readonly ImmutableArray<string> Sources = ["index", "allow-hosts", "mirrors"];
    public static readonly ImmutableArray<string> Registry = ["mirrors", "token-servers"];
    public static readonly ImmutableArray<string> Signing = ["key", "next-key", "previous-keys"];
    public static readonly ImmutableArray<string> Repository = ["url", "layout", "base-url", "promote-from", "key-urls", "freeze-days", "compression", "updateinfo"];
    public static readonly ImmutableArray<string> GitHub = ["draft", "assets", "token-file", "notes"];
    public static readonly ImmutableArray<string> Qa = ["statement"];
    public static readonly ImmutableArray<string> Limits = ["memory", "pids", "cpus", "time"];
    public static readonly ImmutableArray<string> Accept = ["id", "package", "version", "file", "reason", "until"];

    /// <summary>Fails on the first key that is not among the known ones.</summary>
    public static void RefuseUnknown(TomlTable table, ImmutableArray<string> known)
    {
        foreach (var entry in table.Entries)
        {
            if (!known.Contains(entry.Key, StringComparer.Ordinal))
            {
                var path = table.Path.Length is 0 ? entry.Key : $"{table.Path}.{entry.Key}";
                throw new ReleaseException(Fault.SettingsUnknownKey, $"'{path}' is no setting.", entry.Position)
                {
                    Remedy = Suggestion.For(entry.Key, known) is { } meant ? $"Did you mean '{meant}'?" : $"Known here: {string.Join(", ", known)}.",
                };
            }
        }
    }
}
