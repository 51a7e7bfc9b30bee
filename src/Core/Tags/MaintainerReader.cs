using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Tags;

/// <summary>From the document to a <see cref="MaintainerList"/>. A key that nobody reads would be a permission that nobody enforces.</summary>
internal static class MaintainerReader
{
    internal static readonly ImmutableArray<string> RootKeys = ["maintainer", "confined"];

    internal static readonly ImmutableArray<string> MaintainerKeys =
        ["name", "fingerprint", "ssh", "key", "packages", "channels", "kinds", "valid-from", "valid-until", "confined-to"];

    internal static readonly ImmutableArray<string> ConfinedKeys = ["repositories", "packages", "scriptlets"];

    internal static MaintainerList Read(ReadOnlySpan<byte> utf8, string commit)
    {
        const int enough = 12;
        var root = TomlReader.Parse(utf8, $"{commit[..Math.Min(enough, commit.Length)]}:{MaintainerList.FileName}", Fault.MaintainersInvalid);
        RefuseUnknown(root, RootKeys);
        var confinements = (root.OptionalTable("confined")?.Entries ?? []).Select(ReadConfinement).ToImmutableArray();
        var maintainers = ImmutableArray.CreateBuilder<Maintainer>();
        foreach (var table in root.Tables("maintainer"))
        {
            var maintainer = ReadMaintainer(table, confinements);
            if (maintainers.FirstOrDefault(other => string.Equals(other.Key.Id, maintainer.Key.Id, StringComparison.Ordinal)) is { } first)
            {
                throw table.Invalid($"has the key {maintainer.Key.Id} a second time; the first is at {first.Position}.");
            }

            maintainers.Add(maintainer);
        }

        return new(commit, maintainers.ToImmutable(), confinements);
    }

    private static Maintainer ReadMaintainer(TomlTable table, ImmutableArray<Confinement> confinements)
    {
        RefuseUnknown(table, MaintainerKeys);
        var (from, until) = (table.OptionalDate("valid-from"), table.OptionalDate("valid-until"));
        if (until < from)
        {
            throw table.Value("valid-until").Invalid($"is before 'valid-from', {from:yyyy-MM-dd}.");
        }

        return new Maintainer(PersonName(table.Value("name")), ReadKey(table), table.Position)
        {
            Packages = Patterns(table, "packages"),
            Channels = [.. Items(table, "channels").Select(Name)],
            Kinds = table.Find("kinds") is null ? [ReleaseKind.Source, ReleaseKind.Binary] : [.. Items(table, "kinds").Select(Kind)],
            ValidFrom = from,
            ValidUntil = until,
            ConfinedTo = table.Find("confined-to") is { } entry ? Reference(entry.Value, confinements) : null,
        };
    }

    private static MaintainerKey ReadKey(TomlTable table)
    {
        switch (table.Find("fingerprint"), table.Find("ssh"))
        {
            case ({ } fingerprint, null):
                var hex = fingerprint.Value.AsText().ToUpperInvariant();
                return hex.Length is 40 or 64 && hex.All(char.IsAsciiHexDigit)
                    ? new OpenPgpMaintainerKey(hex, LocalPath(table.Value("key")))
                    : throw fingerprint.Value.Invalid("must be the whole fingerprint of a primary key: 40 or 64 hex digits without spaces.");
            case (null, { } ssh):
                return table.Find("key") is { } needless
                    ? throw needless.Value.Invalid("has no use beside 'ssh', which is the key itself.")
                    : new SshMaintainerKey(SshPublicKey.TryParse(ssh.Value.AsText(), out var refusal) ?? throw ssh.Value.Invalid(refusal));
            case (null, null):
                throw table.Missing("fingerprint");
            default:
                throw table.Invalid("has both 'fingerprint' and 'ssh'; a second key of somebody gets an entry of its own.");
        }
    }

    private static Confinement ReadConfinement(TomlEntry entry)
    {
        var table = entry.Value.AsTable();
        RefuseUnknown(table, ConfinedKeys);
        var confinement = new Confinement(entry.Key, entry.Position)
        {
            Repositories = [.. Items(table, "repositories").Select(Name)],
            Packages = Patterns(table, "packages"),
            AllowsScriptlets = table.OptionalBoolean("scriptlets") ?? false,
        };
        return confinement.Repositories.IsEmpty ? throw table.Invalid("names no repository in 'repositories'.") : confinement;
    }

    private static string Reference(TomlValue value, ImmutableArray<Confinement> known)
    {
        var name = value.AsText();
        if (known.Any(each => string.Equals(each.Name, name, StringComparison.Ordinal)))
        {
            return name;
        }

        var meant = Suggestion.For(name, known.Select(each => each.Name)) is { } word ? $" Did you mean '{word}'?" : "";
        throw value.Invalid($"names '{TomlPath.Escape(name)}', and there is no table [confined.{TomlPath.Escape(name)}].{meant}");
    }

    private static void RefuseUnknown(TomlTable table, ImmutableArray<string> known)
    {
        if (table.Entries.FirstOrDefault(entry => !known.Contains(entry.Key, StringComparer.Ordinal)) is { } unknown)
        {
            var path = table.Path.Length is 0 ? unknown.Key : $"{table.Path}.{unknown.Key}";
            throw new ReleaseException(Fault.MaintainersInvalid, $"'{path}' is no key of {MaintainerList.FileName}.", unknown.Position)
            {
                Remedy = Suggestion.For(unknown.Key, known) is { } meant ? $"Did you mean '{meant}'?" : $"Known here: {string.Join(", ", known)}.",
            };
        }
    }

    private static ImmutableArray<NamePattern> Patterns(TomlTable table, string key) =>
        [.. Items(table, key).Select(item => new NamePattern(Plain(item, "._+-*?", "a name of packages, in which '*' and '?' stand for others")))];

    private static IReadOnlyList<TomlValue> Items(TomlTable table, string key) => table.OptionalArray(key)?.Items ?? [];

    private static string Name(TomlValue value) => Plain(value, "._+-@", "a name of letters, digits and . _ + - @");

    /// <summary>Goes into messages, so it must not be able to play tricks there.</summary>
    private static string PersonName(TomlValue value)
    {
        const int limit = 64;
        var text = value.AsText();
        return text.Trim().Length > 0 && text.Length <= limit && string.Equals(text, TomlPath.Escape(text), StringComparison.Ordinal)
            ? text
            : throw value.Invalid($"must be a name of at most {limit} printable characters, found '{TomlPath.Escape(text)}'.");
    }

    private static string Plain(TomlValue value, string punctuation, string wanted)
    {
        const int limit = 128;
        var text = value.AsText();
        return text.Length is > 0 and <= limit && SafeName.IsPlain(text, punctuation)
            ? text
            : throw value.Invalid($"must be {wanted}, found '{TomlPath.Escape(text)}'.");
    }

    private static ReleaseKind Kind(TomlValue value) => value.AsText() switch
    {
        "source" => ReleaseKind.Source,
        "binary" => ReleaseKind.Binary,
        var other => throw value.Invalid($"must be 'source' or 'binary', found '{TomlPath.Escape(other)}'."),
    };

    private static string LocalPath(TomlValue value)
    {
        var path = value.AsText();
        var isFine = SafeName.IsPlain(path, "._+-/@ ") && path.Split('/').All(part => part is not "" and not "." and not "..");
        return isFine ? path : throw value.Invalid($"must be a path below the folder of {MaintainerList.FileName}, found '{TomlPath.Escape(path)}'.");
    }
}
