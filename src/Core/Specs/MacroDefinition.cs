using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>A line that changes a macro: <c>%global</c>, <c>%define</c>, <c>%undefine</c>, <c>%bcond…</c>.</summary>
/// <param name="Keyword">Without the percent sign.</param>
/// <param name="Name">The macro's or the build condition's name.</param>
/// <param name="Body">What it is set to; null where the line has none or the macro takes parameters.</param>
/// <param name="BodyStart">Where the body starts in the statement.</param>
internal sealed partial record MacroDefinition(string Keyword, string Name, string? Body, int BodyStart)
{
    public static bool IsStart(string line) => Start().IsMatch(line);

    public static MacroDefinition? TryParse(string text)
    {
        if (Whole().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var body = match.Groups["body"];
        var hasParameters = match.Groups["parameters"].Success;
        return new(match.Groups["keyword"].Value, match.Groups["name"].Value, hasParameters ? null : body.Value.TrimEnd(), body.Index);
    }

    /// <summary>Enters it into the table. Under an undecided condition it only takes certainty away.</summary>
    public void Apply(MacroTable macros, bool? applies)
    {
        var (name, body) = Resolve(macros);
        if (applies is null)
        {
            macros.DefinePerhaps(name, Keyword is "undefine" ? null : body);
        }
        else if (Keyword is "undefine" || (body is null && Keyword.StartsWith("bcond", StringComparison.Ordinal)))
        {
            macros.Undefine(name);
        }
        else if (body is null)
        {
            // With parameters: using it would be a call.
            macros.DefinePerhaps(name, null);
        }
        else
        {
            macros.Define(name, body);
        }
    }

    private (string Name, string? Body) Resolve(MacroTable macros) => Keyword switch
    {
        // Builds here pass no --with and no --without, so the default is the value.
        "bcond_with" => ("with_" + Name, null),
        "bcond_without" => ("with_" + Name, "1"),
        "bcond" => ("with_" + Name, SpecCondition.Evaluate(macros.Expand(Body ?? "")) switch { true => "1", false => null, _ => "%{bcond}" }),

        // %global is expanded where it stands, %define where it is used.
        "global" => (Name, Body is null ? null : macros.Expand(Body).Text),
        _ => (Name, Body),
    };

    [GeneratedRegex(@"^\s*%(global|define)\s", RegexOptions.ExplicitCapture)]
    private static partial Regex Start();

    [GeneratedRegex(
        @"^\s*%(?<keyword>global|define|undefine|bcond_with|bcond_without|bcond)\s+(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<parameters>\([^)]*\))?(?>(\s+(?<body>\S.*))?\s*)$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Whole();
}
