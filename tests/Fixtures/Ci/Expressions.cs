using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures.Ci;

/// <summary>The few expressions that our workflows use. One that is not known here fails the test instead of being empty.</summary>
/// <param name="values">What is known, by its whole name: <c>github.ref_name</c>, <c>inputs.command</c>, ….</param>
public sealed partial class Expressions(IReadOnlyDictionary<string, string> values)
{
    /// <summary>Whether a condition holds; null is none.</summary>
    public bool Holds(string? condition) => condition is null || Strip(condition).Split("&&").All(part => HoldsOne(part.Trim()));

    /// <summary>A text with its expressions replaced.</summary>
    public string Fill(string text) => Place().Replace(text, match => Value(match.Groups["what"].Value.Trim()));

    private static string Strip(string condition) => condition.Trim() is ['$', '{', '{', .. var inner, '}', '}'] ? inner.Trim() : condition;

    private bool HoldsOne(string part)
    {
        if (part is "!cancelled()")
        {
            return true;
        }

        if (part is "failure()")
        {
            return false;
        }

        var match = Comparison().Match(part);
        Assert.IsTrue(match.Success, $"No test knows the condition '{part}'.");
        var (left, right) = (Value(match.Groups["left"].Value.Trim()), match.Groups["right"].Value.Trim().Trim('\''));
        return match.Groups["how"].Value switch
        {
            "==" => left == right,
            "!=" => left != right,
            _ => double.Parse(left, CultureInfo.InvariantCulture) > double.Parse(right, CultureInfo.InvariantCulture),
        };
    }

    private string Value(string name)
    {
        if (FromJson().Match(name) is { Success: true } json)
        {
            using var document = JsonDocument.Parse(Value(json.Groups["what"].Value));
            var at = document.RootElement;
            foreach (var step in json.Groups["path"].Value.Split('.', StringSplitOptions.RemoveEmptyEntries))
            {
                at = at.GetProperty(step);
            }

            return Workflow.Text(at);
        }

        return values.TryGetValue(name, out var value) ? value
            : name.StartsWith("steps.", StringComparison.Ordinal) || name.StartsWith("secrets.", StringComparison.Ordinal) || name.StartsWith("vars.", StringComparison.Ordinal) ? ""
            : throw new AssertFailedException($"No test knows the expression '{name}'.");
    }

    [GeneratedRegex(@"\$\{\{(?<what>.*?)\}\}", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?<left>.+?)\s*(?<how>==|!=|>)\s*(?<right>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"^fromJSON\((?<what>[^)]*)\)(?<path>(\.\w+)*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex FromJson();
}
