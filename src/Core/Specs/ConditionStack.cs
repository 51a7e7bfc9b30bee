using System.Text.RegularExpressions;

namespace DotnetRelease.Specs;

/// <summary>The open <c>%if</c> blocks at one point of a spec.</summary>
internal sealed partial class ConditionStack(SpecFile spec, SpecFacts facts)
{
    private const int MaxDepth = 256;

    private readonly Stack<Frame> _open = new();

    /// <summary>Whether the current line counts; null when that cannot be decided.</summary>
    public bool? Current { get; private set; } = true;

    /// <summary>Takes a line that opens, changes or closes a block; false for any other line.</summary>
    public bool Take(SpecStatement statement, MacroTable macros)
    {
        if (Keyword().Match(statement.Text) is not { Success: true } match)
        {
            return false;
        }

        var word = match.Groups["word"].Value;
        if (word.StartsWith("if", StringComparison.Ordinal))
        {
            Open(statement, Evaluate(word, match.Groups["rest"].Value, macros));
        }
        else if (_open.Count is 0)
        {
            throw new ReleaseException(Fault.SpecMalformed, $"'%{word}' has no '%if' before it.", spec.At(statement.Line));
        }
        else if (word is "endif")
        {
            Current = _open.Pop().Outer;
        }
        else
        {
            Turn(word is "else" ? true : Evaluate(word[2..], match.Groups["rest"].Value, macros));
        }

        return true;
    }

    public void RefuseOpen()
    {
        if (_open.TryPeek(out var frame))
        {
            throw new ReleaseException(Fault.SpecMalformed, "The '%if' block is never closed with '%endif'.", spec.At(frame.Line));
        }
    }

    private void Open(SpecStatement statement, bool? holds)
    {
        if (_open.Count >= MaxDepth)
        {
            throw new ReleaseException(Fault.SpecMalformed, $"More than {MaxDepth} '%if' blocks are open.", spec.At(statement.Line));
        }

        _open.Push(new Frame(statement.Line, Current, holds));
        Current = And(Current, holds);
    }

    // A later branch counts when its own condition holds and none before it did.
    private void Turn(bool? holds)
    {
        var frame = _open.Pop();
        Current = And(frame.Outer, And(Not(frame.Taken), holds));
        _open.Push(frame with { Taken = Or(frame.Taken, holds) });
    }

    private bool? Evaluate(string word, string rest, MacroTable macros)
    {
        var expansion = macros.Expand(rest);
        return word switch
        {
            "if" => SpecCondition.Evaluate(expansion),
            "ifos" => rest.Contains("linux", StringComparison.Ordinal),
            "ifnos" => !rest.Contains("linux", StringComparison.Ordinal),
            "ifarch" => OnArch(expansion),
            _ => Not(OnArch(expansion)),
        };
    }

    private bool? OnArch(Expansion names)
    {
        var listed = facts.Arch is { } arch
            && names.Text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries).Contains(arch, StringComparer.Ordinal);
        return listed ? true : facts.Arch is null || !names.IsComplete ? null : false;
    }

    private static bool? And(bool? a, bool? b) => a is false || b is false ? false : a is true && b is true ? true : null;

    private static bool? Or(bool? a, bool? b) => Not(And(Not(a), Not(b)));

    private static bool? Not(bool? a) => !a;

    private readonly record struct Frame(int Line, bool? Outer, bool? Taken);

    [GeneratedRegex(
        @"^\s*%(?<word>ifarch|ifnarch|ifos|ifnos|if|elifarch|elifos|elif|else|endif)(?![A-Za-z0-9_])\s*(?<rest>.*?)\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Keyword();
}
