using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>One pass over a spec, line by line as rpm does it: conditions, macro definitions, sections, tags.</summary>
internal sealed partial class SpecWalk(SpecFile spec, SpecFacts facts)
{
    private static readonly string[] CanonicalTags =
        ["Name", "Version", "Release", "Epoch", "BuildArch", "Source", "Patch", "URL", "Summary", "License", "ExclusiveArch", "ExcludeArch"];

    private readonly MacroTable _macros = new(facts);
    private readonly ConditionStack _conditions = new(spec, facts);
    private readonly ImmutableArray<SpecTag>.Builder _tags = ImmutableArray.CreateBuilder<SpecTag>();
    private readonly List<SpecPackage> _packages = [new("")];
    private SpecSection _section = SpecSection.Preamble;
    private int _package;
    private int _nextSource;
    private int _nextPatch;

    public SpecReading Read()
    {
        foreach (var statement in SpecStatement.Split(spec))
        {
            Take(statement);
        }

        _conditions.RefuseOpen();
        foreach (var name in (string[])["Name", "Version", "Release"])
        {
            if (!_tags.Any(tag => string.Equals(tag.Name, name, StringComparison.Ordinal)))
            {
                throw new ReleaseException(Fault.SpecMalformed, $"The spec has no '{name}:' line.", new(spec.Path));
            }
        }

        return new SpecReading(facts, _tags.ToImmutable(), [.. _packages], _macros);
    }

    private void Take(SpecStatement statement)
    {
        if (_conditions.Take(statement, _macros) || _conditions.Current is false)
        {
            return;
        }

        if (SpecSection.TryParse(statement.Text) is { } section)
        {
            Enter(section);
        }
        else if (_section.Kind is not SectionKind.Changelog && MacroDefinition.TryParse(statement.Text) is { } definition)
        {
            definition.Apply(_macros, _conditions.Current);
        }
        else if (_section.Kind is SectionKind.Preamble or SectionKind.Package)
        {
            TakeTag(statement);
        }
        else if (_section.Kind is SectionKind.SourceList or SectionKind.PatchList && statement.Text.Trim() is { Length: > 0 } value && value[0] is not '#')
        {
            var name = _section.Kind is SectionKind.SourceList ? "Source" : "Patch";
            Add(name, "", value, statement, statement.Text.IndexOf(value, StringComparison.Ordinal));
        }
    }

    private void Enter(SpecSection section)
    {
        _section = section;
        if (section.Kind is not (SectionKind.Package or SectionKind.Files))
        {
            return;
        }

        var name = FullName(section);
        _package = _packages.FindIndex(package => string.Equals(package.Name, name, StringComparison.Ordinal));
        if (_package < 0)
        {
            _package = _packages.Count;
            _packages.Add(new SpecPackage(name));
        }

        if (section.Kind is SectionKind.Files)
        {
            _packages[_package] = _packages[_package] with { HasFiles = true };
        }
    }

    private string FullName(SpecSection section)
    {
        var name = section.Name is null ? "" : SpecLine.ToText(_macros.Expand(section.Name).Text);
        return section.Name is null ? _packages[0].Name : section.IsFullName ? name : $"{_packages[0].Name}-{name}";
    }

    private void TakeTag(SpecStatement statement)
    {
        if (TagLine().Match(statement.Text) is not { Success: true } match || statement.Text.TrimStart().StartsWith('#'))
        {
            return;
        }

        var value = match.Groups["value"];
        var raw = value.Value.TrimEnd();
        var name = CanonicalTags.FirstOrDefault(tag => string.Equals(tag, match.Groups["name"].Value, StringComparison.OrdinalIgnoreCase))
            ?? (match.Groups["name"].Value.Equals("BuildArchitectures", StringComparison.OrdinalIgnoreCase) ? "BuildArch" : match.Groups["name"].Value);
        if (_section.Kind is SectionKind.Package)
        {
            TakeSubpackageTag(name, SpecLine.ToText(_macros.Expand(raw).Text));
        }
        else
        {
            Add(name, match.Groups["number"].Value, raw, statement, value.Index);
        }
    }

    private void TakeSubpackageTag(string name, string value) => _packages[_package] = name switch
    {
        "BuildArch" => _packages[_package] with { BuildArch = value },
        "Version" => _packages[_package] with { Version = value },
        "Release" => _packages[_package] with { Release = value },
        "Epoch" => _packages[_package] with { Epoch = value },
        _ => _packages[_package],
    };

    private void Add(string name, string number, string raw, SpecStatement statement, int column)
    {
        var expansion = _macros.Expand(raw);
        var value = SpecLine.ToText(expansion.Text);
        _tags.Add(new SpecTag(name, Numbered(name, number), SpecLine.ToText(raw), value, expansion.IsComplete, spec.At(statement.Line, column))
        {
            Applies = _conditions.Current,
            Line = statement.Line,
            Column = column,
            Length = raw.Length,
        });
        Define(name, expansion.Text);
        if (name is "Name" or "BuildArch")
        {
            _packages[0] = name is "Name" ? _packages[0] with { Name = value } : _packages[0] with { BuildArch = value };
        }
    }

    // rpm makes these tags available as macros, in both spellings. A value that rpm has still to expand is kept to be expanded at its use.
    private void Define(string name, string value)
    {
        if (name is "Name" or "Version" or "Release" or "Epoch" or "URL")
        {
            foreach (var spelling in (string[])[name.ToLowerInvariant(), name.ToUpperInvariant()])
            {
                if (_conditions.Current is null)
                {
                    _macros.DefinePerhaps(spelling, value);
                }
                else
                {
                    _macros.Define(spelling, value);
                }
            }
        }
    }

    private int Numbered(string name, string number)
    {
        ref var next = ref _nextSource;
        switch (name)
        {
            case "Source":
                break;
            case "Patch":
                next = ref _nextPatch;
                break;
            default:
                return -1;
        }

        var given = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : next;
        next = given + 1;
        return given;
    }

    // What follows the colon is taken once and never tried again, so that no line takes long; the engine without backtracking would need a
    // tenth of a second of every command to be made.
    [GeneratedRegex(@"^\s*(?<name>Source|Patch|[A-Za-z]+)(?<number>[0-9]{0,6})(\([^)]*\))?\s*:(?>\s*(?<value>.*)\s*)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex TagLine();
}
