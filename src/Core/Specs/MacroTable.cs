namespace DotnetRelease.Specs;

/// <summary>
/// The macros known at one point of a spec. A macro is defined (a body), known to be undefined, or unclear: set under a condition that
/// cannot be decided, with parameters, or by code.
/// </summary>
internal sealed class MacroTable(SpecFacts facts)
{
    private readonly Dictionary<string, string?> _own = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unclear = new(StringComparer.Ordinal);

    public void Define(string name, string body)
    {
        _own[name] = body;
        _unclear.Remove(name);
    }

    public void Undefine(string name)
    {
        _own[name] = null;
        _unclear.Remove(name);
    }

    /// <summary>A definition that may or may not count: only one with the same body leaves things clear.</summary>
    public void DefinePerhaps(string name, string? body)
    {
        if (body is null || Find(name) is not { Known: true, Body: var old } || !string.Equals(old, body, StringComparison.Ordinal))
        {
            _unclear.Add(name);
        }
    }

    public (bool Known, string? Body) Find(string name)
    {
        if (_unclear.Contains(name))
        {
            return (false, null);
        }

        if (_own.TryGetValue(name, out var own))
        {
            return (true, own);
        }

        return facts.Macros.TryGetValue(name, out var fact) ? (true, fact) : (false, null);
    }

    /// <summary>Replaces what is known and leaves everything else as it stands.</summary>
    public Expansion Expand(string text) => new MacroExpander(this).Expand(text);
}

/// <summary>A text after static expansion.</summary>
/// <param name="Text">With everything replaced that is known.</param>
/// <param name="IsComplete">Nothing is left that rpm would replace: this is the text that rpm sees.</param>
internal readonly record struct Expansion(string Text, bool IsComplete);
