using System.Collections.Immutable;

namespace DotnetRelease.WheelFiles;

/// <summary>What a wheel says about itself in its METADATA (https://packaging.python.org/en/latest/specifications/core-metadata/). Nobody has checked it.</summary>
/// <param name="Name">As written.</param>
/// <param name="Version">As written.</param>
public sealed record WheelMetadata(string Name, string Version)
{
    private const int TextLimit = 4 * 1024 * 1024;

    /// <summary>One line, or null.</summary>
    public string? Summary { get; init; }

    /// <summary>An SPDX expression (PEP 639), or null.</summary>
    public string? LicenseExpression { get; init; }

    /// <summary>The older field: a name, a sentence, or the whole text of a licence; null when there is none.</summary>
    public string? License { get; init; }

    /// <summary>Trove classifiers.</summary>
    public ImmutableArray<string> Classifiers { get; init; } = [];

    /// <summary>Where the project is at home, or null.</summary>
    public string? HomePage { get; init; }

    /// <summary>Which Pythons it runs under, as PEP 440 specifiers; null: any.</summary>
    public string? RequiresPython { get; init; }

    /// <summary>Requirements (PEP 508) in the order of the file.</summary>
    public ImmutableArray<string> RequiresDist { get; init; } = [];

    /// <summary>Reads it out of a wheel.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>.</exception>
    public static WheelMetadata Read(Wheel wheel)
    {
        ArgumentNullException.ThrowIfNull(wheel);
        var fields = Fields(wheel.ReadText($"{wheel.Info}/METADATA", TextLimit));
        string? One(string name) => fields.Find(field => field.Name == name).Value is { Length: > 0 } value && value is not "UNKNOWN" ? value : null;
        ImmutableArray<string> All(string name) => [.. fields.Where(field => field.Name == name).Select(field => field.Value)];
        return One("name") is { } name && One("version") is { } version
            ? new WheelMetadata(name, version)
            {
                Summary = One("summary"),
                LicenseExpression = One("license-expression"),
                License = One("license"),
                Classifiers = All("classifier"),
                HomePage = Home(All("project-url")) ?? One("home-page"),
                RequiresPython = One("requires-python"),
                RequiresDist = All("requires-dist"),
            }
            : throw wheel.Refuse("its METADATA has no name or no version");
    }

    // The headers of a mail: names in any case, folded lines, and a body that is of no interest here.
    private static List<(string Name, string Value)> Fields(string text)
    {
        List<(string Name, string Value)> fields = [];
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').TakeWhile(line => line.Length > 0))
        {
            if (line[0] is ' ' or '\t')
            {
                if (fields is [.., var last])
                {
                    fields[^1] = last with { Value = last.Value + "\n" + line.Trim() };
                }
            }
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields.Add((line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim()));
            }
        }

        return fields;
    }

    private static string? Home(ImmutableArray<string> urls)
    {
        var labelled = urls.Select(url => url.Split(',', 2)).Where(parts => parts.Length is 2).Select(parts => (Label: parts[0].Trim(), Url: parts[1].Trim())).ToList();
        string[] labels = ["homepage", "home page", "home", "repository", "source", "source code", "documentation"];
        return labels.Select(label => labelled.Find(each => each.Label.Equals(label, StringComparison.OrdinalIgnoreCase)).Url).FirstOrDefault(url => url is not null);
    }
}
