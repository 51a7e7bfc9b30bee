using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Repositories;

/// <summary>A <c>.repo</c> file as dnf reads it: sections of keys; a line that starts with a blank continues the one before.</summary>
/// <param name="Sections">In the order of the file.</param>
internal sealed record RepoFile(ImmutableArray<RepoSection> Sections)
{
    internal const int Limit = 256 * 1024;

    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal static RepoFile Parse(ReadOnlySpan<byte> utf8, string name)
    {
        var sections = ImmutableArray.CreateBuilder<RepoSection>();
        var (number, key) = (0, "");
        foreach (var line in Encoding.UTF8.GetString(utf8).Split('\n').Select(line => line.TrimEnd()))
        {
            number++;
            if (line.Length is 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line is ['[', .. var id, ']'])
            {
                sections.Add(new RepoSection(id));
                key = "";
            }
            else if (sections.Count is 0)
            {
                throw Malformed(name, number, "a key stands before the first section");
            }
            else if (char.IsWhiteSpace(line[0]) && key.Length > 0)
            {
                sections[^1] = sections[^1].With(key, $"{sections[^1][key]} {line.Trim()}".Trim());
            }
            else if (line.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                key = line[..equals].Trim();
                sections[^1] = sections[^1].With(key, line[(equals + 1)..].Trim());
            }
            else
            {
                throw Malformed(name, number, "it is neither a section, nor a key with a value, nor a comment");
            }
        }

        return new RepoFile(sections.ToImmutable());
    }

    /// <summary>The section of an id, or null.</summary>
    internal RepoSection? Find(string id) => Sections.FirstOrDefault(section => string.Equals(section.Id, id, StringComparison.Ordinal));

    private static ReleaseException Malformed(string name, int line, string why) =>
        new(Fault.RepositoryMalformed, $"'{name}' is no .repo file: {why}.", new SourcePosition(name, line, 1));
}

/// <summary>One repository of a <c>.repo</c> file.</summary>
/// <param name="Id">Its name in brackets.</param>
internal sealed record RepoSection(string Id)
{
    private ImmutableDictionary<string, string> Values { get; init; } = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The value of a key, or null.</summary>
    internal string? this[string key] => Values.GetValueOrDefault(key);

    /// <summary>A value that is a list: dnf separates by blanks and commas.</summary>
    internal ImmutableArray<string> List(string key) => [.. (this[key] ?? "").Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>What dnf takes for yes.</summary>
    internal bool IsOn(string key) => this[key]?.ToLowerInvariant() is "1" or "yes" or "true" or "on";

    internal RepoSection With(string key, string value) => this with { Values = Values.SetItem(key, value) };
}
