using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Runs;

/// <summary>
/// What a tester vouches for before packages go to users: this tag, these bytes. A small file that a person fills in and signs; other
/// bytes, another tag or another commit make it worth nothing.
/// </summary>
/// <param name="Tag">Name of the tag.</param>
/// <param name="Commit">Id of the commit that it names.</param>
internal sealed record QaStatement(string Tag, string Commit)
{
    /// <summary>Who tested; empty in a template.</summary>
    internal string Tester { get; init; } = "";

    /// <summary>When; null in a template.</summary>
    internal DateTimeOffset? Tested { get; init; }

    /// <summary>sha256 of every package by <c>TARGET/FILE</c>.</summary>
    internal ImmutableSortedDictionary<string, Digest> Packages { get; init; } = ImmutableSortedDictionary.Create<string, Digest>(StringComparer.Ordinal);

    private static readonly ImmutableArray<string> Keys = ["tag", "commit", "tester", "tested", "packages"];

    /// <summary>Reads a statement.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/> or <see cref="Fault.QaStatementRefused"/>, with the position.</exception>
    internal static QaStatement Parse(ReadOnlySpan<byte> utf8, string path)
    {
        var root = TomlReader.Parse(utf8, path, Fault.QaStatementRefused);
        if (root.Entries.FirstOrDefault(entry => !Keys.Contains(entry.Key, StringComparer.Ordinal)) is { } unknown)
        {
            throw new ReleaseException(Fault.QaStatementRefused, $"'{TomlPath.Escape(unknown.Key)}' has no meaning in a QA statement.", unknown.Position);
        }

        return new QaStatement(root.Value("tag").AsText(), root.Value("commit").AsText())
        {
            Tester = root.Value("tester").AsText(),
            Tested = TimeOf(root.Value("tested")),
            Packages = root.Table("packages").Entries.ToImmutableSortedDictionary(entry => entry.Key, DigestOf, StringComparer.Ordinal),
        };
    }

    /// <summary>What has to be filled in by hand and signed.</summary>
    internal string ToTemplate()
    {
        var text = new StringBuilder()
            .Append("# What was tested before it went to users. Fill in 'tester' and 'tested', then sign the file as it is:\n")
            .Append("#   gpg --armor --detach-sign THIS-FILE\n")
            .Append(CultureInfo.InvariantCulture, $"tag = \"{Tag}\"\n")
            .Append(CultureInfo.InvariantCulture, $"commit = \"{Commit}\"\n")
            .Append("tester = \"\"   # name of the person\n")
            .Append("tested = \"\"   # when, in UTC: 2026-01-31T15:00:00Z\n\n")
            .Append("[packages]      # sha256 of the files that were tested\n");
        foreach (var (name, digest) in Packages)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"{name}\" = \"{digest.Hex}\"\n");
        }

        return text.ToString();
    }

    /// <summary>Why it does not speak for these packages, as the end of a sentence; null when it does.</summary>
    internal string? Objection(QaStatement wanted, DateTimeOffset now)
    {
        if (Tag != wanted.Tag || Commit != wanted.Commit)
        {
            return $"is about {Tag} of commit {Commit}, and this release is {wanted.Tag} of commit {wanted.Commit}";
        }

        if (string.IsNullOrWhiteSpace(Tester) || Tested is null)
        {
            return "does not say who tested, or when";
        }

        if (Tested > now.AddMinutes(5))
        {
            return $"was tested in the future, {Tested:u}";
        }

        foreach (var (name, digest) in wanted.Packages)
        {
            if (!Packages.TryGetValue(name, out var tested))
            {
                return $"does not name {name}";
            }

            if (tested != digest)
            {
                return $"was made for other bytes of {name}: tested was sha256 {tested.Hex}, released would be {digest.Hex}";
            }
        }

        return null;
    }

    private static DateTimeOffset? TimeOf(TomlValue value) => value.AsText() switch
    {
        "" => null,
        var text when DateTimeOffset.TryParseExact(text, JsonText.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        var other => throw value.Invalid($"must be a time in UTC such as 2026-01-31T15:00:00Z, found '{TomlPath.Escape(other)}'."),
    };

    private static Digest DigestOf(TomlEntry entry) => Digest.TryParse(entry.Value.AsText(), out var digest)
        ? digest
        : throw entry.Value.Invalid("must be a sha256 of 64 lower-case hex digits.");
}
