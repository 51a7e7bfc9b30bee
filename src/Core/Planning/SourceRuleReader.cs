using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>Reads the <c>[[rpm.source]]</c> of an RPM.</summary>
internal static class SourceRuleReader
{
    private static readonly string[] Endings = [".tar", ".tar.gz", ".tgz"];

    /// <param name="rpm">The RPM.</param>
    /// <param name="targets">Names of the targets that there are.</param>
    internal static ImmutableArray<SourceRule> Read(TomlTable rpm, IReadOnlyCollection<string> targets)
    {
        var rules = ImmutableArray.CreateBuilder<SourceRule>();
        foreach (var table in rpm.Tables("source"))
        {
            var rule = ReadOne(table, targets);
            rules.Add(rules.FirstOrDefault(other => other.File == rule.File) is { } first
                ? throw table.Value("file").Invalid($"names '{rule.File}' a second time; the first is at {first.Position}.")
                : rule);
        }

        return rules.ToImmutable();
    }

    private static SourceRule ReadOne(TomlTable table, IReadOnlyCollection<string> targets)
    {
        SettingsKeys.RefuseUnknown(table, SettingsKeys.RpmSource);
        var rule = new SourceRule(Versioned(table.Value("file")), table.Position)
        {
            SignedBy = ReadSigners(table),
            Git = table.Find("git") is null ? null : ReadGit(table) with { Sdist = ReadSdist(table, targets) },
            Signature = table.Find("signature") is { } signature ? ReadSignature(signature.Value) : null,
        };
        return rule.Git is null ? Downloaded(table, rule) : Made(table, rule, rule.Git);
    }

    private static SourceRule Downloaded(TomlTable table, SourceRule rule)
    {
        foreach (var key in new[] { "tag", "commit", "folder", "sdist", "target", "prepare" })
        {
            if (table.Find(key) is { } entry)
            {
                throw entry.Value.Invalid("has no use without 'git'.");
            }
        }

        return rule.SignedBy is null ? throw table.Invalid("says nothing about its file: it needs 'git', or 'signed-by' with 'keyring'.") : rule;
    }

    private static SourceRule Made(TomlTable table, SourceRule rule, GitSource git)
    {
        if (!Array.Exists(Endings, ending => rule.File.EndsWith(ending, StringComparison.Ordinal)))
        {
            throw table.Value("file").Invalid($"must end with {string.Join(", ", Endings)}: what is made from git is a tar archive, plain or with gzip.");
        }

        if (table.Find("signature") is { } needless)
        {
            throw needless.Value.Invalid("has no use beside 'git': there the tag is signed.");
        }

        return git.Repository is null || git.Commit is not null || rule.SignedBy is not null
            ? rule
            : throw table.Value("git").Invalid("is another repository, so something has to say which commit is the right one: 'signed-by' with 'keyring', or 'commit'.");
    }

    private static string ReadSignature(TomlValue value)
    {
        var text = SettingsValues.Pattern(value, SourceRule.Version);
        if (text.Contains("://", StringComparison.Ordinal))
        {
            _ = SettingsValues.Url(value, "https", "http");
        }
        else
        {
            RefuseUnsafe(value, text.Replace(SourceRule.Version, "1", StringComparison.Ordinal));
        }

        return text;
    }

    private static GitSource ReadGit(TomlTable table)
    {
        var value = table.Value("git");
        var tag = table.Find("tag")?.Value;
        if (tag is not null && !SettingsValues.Pattern(tag, SourceRule.Version).Contains(SourceRule.Version, StringComparison.Ordinal))
        {
            throw tag.Invalid($"must have '{SourceRule.Version}' in it.");
        }

        var folder = table.Find("folder")?.Value;
        if (folder is not null)
        {
            RefuseUnsafe(folder, SettingsValues.Pattern(folder, SourceRule.Version).Replace(SourceRule.Version, "1", StringComparison.Ordinal));
        }

        return new GitSource(value.AsText() is "." ? null : SettingsValues.Url(value, "https", "ssh", "file"), tag?.AsText() ?? "v" + SourceRule.Version)
        {
            Commit = table.Find("commit") is { } commit ? Commit(commit.Value) : null,
            Folder = folder?.AsText(),
        };
    }

    private static SdistRecipe? ReadSdist(TomlTable table, IReadOnlyCollection<string> targets)
    {
        if (table.OptionalArray("sdist") is not { } commands)
        {
            return (table.Find("target") ?? table.Find("prepare")) is { } needless
                ? throw needless.Value.Invalid("has no use without 'sdist', the commands that make the source.")
                : null;
        }

        ImmutableArray<string> filled = [.. commands.Items.Select(SettingsValues.Filled)];
        return filled.IsEmpty
            ? throw table.Value("sdist").Invalid("names no command; leave the key out for the tree of the tag itself.")
            : new SdistRecipe(filled, SettingsReader.Reference(table.Value("target"), targets, "target"))
            {
                Prepare = [.. (table.OptionalArray("prepare")?.Items ?? []).Select(SettingsValues.Filled)],
            };
    }

    private static SourceSigners? ReadSigners(TomlTable table)
    {
        var keys = SettingsValues.Distinct(table, "signed-by", value => IsSsh(value.AsText()) ? SettingsValues.Filled(value) : SettingsValues.WholeKey(value));
        var signers = new SourceSigners([.. keys.Where(key => !IsSsh(key))], [.. keys.Where(IsSsh)])
        {
            Keyring = table.Find("keyring") is { } keyring ? SettingsValues.LocalPath(keyring.Value) : null,
        };
        return (signers.Fingerprints.IsEmpty, signers.Keyring) switch
        {
            (true, not null) => throw table.Value("keyring").Invalid("has no use without 'signed-by', the whole fingerprints of the keys that count."),
            (false, null) => throw table.Value("signed-by").Invalid("needs 'keyring', a file of the project with these public keys."),
            _ => keys.IsEmpty ? null
                : !signers.SshKeys.IsEmpty && table.Find("git") is null ? throw table.Value("signed-by").Invalid("has a key of ssh, and only tags of git are signed with those.")
                : signers,
        };
    }

    private static bool IsSsh(string text) => text.Contains(' ', StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal);

    private static string Versioned(TomlValue value)
    {
        var text = SettingsValues.Pattern(value, SourceRule.Version);
        if (text.Split(SourceRule.Version).Length is not 2)
        {
            throw value.Invalid($"must have '{SourceRule.Version}' in it once.");
        }

        RefuseUnsafe(value, text.Replace(SourceRule.Version, "1", StringComparison.Ordinal));
        return text;
    }

    private static void RefuseUnsafe(TomlValue value, string name)
    {
        if (SafeName.Refuse(name) is { } why)
        {
            throw value.Invalid($"is no file name: it {why}.");
        }
    }

    private static string Commit(TomlValue value) => value.AsText() is { Length: 40 or 64 } id && id.All(char.IsAsciiHexDigitLower)
        ? id
        : throw value.Invalid($"must be the whole id of a commit, 40 or 64 hex digits in lower case, found '{TomlPath.Escape(value.AsText())}'.");
}
