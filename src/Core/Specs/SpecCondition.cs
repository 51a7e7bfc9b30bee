using System.Globalization;

namespace DotnetRelease.Specs;

/// <summary>
/// Decides <c>%if</c> expressions: integers, quoted strings, comparison, <c>!</c>, <c>&amp;&amp;</c>, <c>||</c>, brackets and arithmetic, as in rpm's
/// "Conditionals". What it does not understand is undecided (null), never wrong.
/// </summary>
internal sealed class SpecCondition
{
    private const int MaxDepth = 64;

    private readonly List<string> _tokens = [];
    private int _at;
    private int _depth;

    /// <summary>True, false, or null when it depends on something that is not known here.</summary>
    public static bool? Evaluate(Expansion expression)
    {
        var parser = new SpecCondition();
        if (!expression.IsComplete || !parser.Tokenise(expression.Text))
        {
            return null;
        }

        try
        {
            var value = parser.Or();
            return parser._at == parser._tokens.Count ? IsTrue(value) : null;
        }
        catch (Exception ex) when (ex is FormatException or OverflowException or DivideByZeroException)
        {
            return null;
        }
    }

    private bool Tokenise(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = text[at] switch
            {
                ' ' or '\t' => 0,
                '"' => text.IndexOf('"', at + 1) - at + 1,
                >= '0' and <= '9' => text.AsSpan(at).IndexOfAnyExceptInRange('0', '9') is >= 0 and var digits ? digits : text.Length - at,
                _ when at + 1 < text.Length && text.Substring(at, 2) is "&&" or "||" or "==" or "!=" or "<=" or ">=" => 2,
                '!' or '<' or '>' or '(' or ')' or '+' or '-' or '*' or '/' => 1,
                _ => -1,
            };
            if (length < 0 || (length is 0 && text[at] is '"'))
            {
                return false;
            }

            if (length > 0)
            {
                _tokens.Add(text.Substring(at, length));
            }

            at += Math.Max(length, 1);
        }

        return true;
    }

    private Operand Or() => Logical("||", And, (left, right) => IsTrue(left) || IsTrue(right));

    private Operand And() => Logical("&&", Comparison, (left, right) => IsTrue(left) && IsTrue(right));

    private Operand Logical(string sign, Func<Operand> operand, Func<Operand, Operand, bool> combine)
    {
        var value = operand();
        while (Take(sign))
        {
            value = Operand.Of(combine(value, operand()));
        }

        return value;
    }

    private Operand Comparison()
    {
        var left = Sum();
        if (Take("==", "!=", "<=", ">=", "<", ">") is not { } sign)
        {
            return left;
        }

        var right = Sum();
        var order = (left, right) switch
        {
            ({ Text: null }, { Text: null }) => left.Number.CompareTo(right.Number),
            ({ Text: { } a }, { Text: { } b }) => string.CompareOrdinal(a, b),
            _ => throw new FormatException("A number is compared with a text."),
        };
        var holds = sign switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<=" => order <= 0,
            ">=" => order >= 0,
            "<" => order < 0,
            _ => order > 0,
        };
        return Operand.Of(holds);
    }

    private Operand Sum()
    {
        var value = Product();
        while (Take("+", "-") is { } sign)
        {
            value = Operand.Of(sign is "+" ? checked(Number(value) + Number(Product())) : checked(Number(value) - Number(Product())));
        }

        return value;
    }

    private Operand Product()
    {
        var value = Unary();
        while (Take("*", "/") is { } sign)
        {
            value = Operand.Of(sign is "*" ? checked(Number(value) * Number(Unary())) : Number(value) / Number(Unary()));
        }

        return value;
    }

    private Operand Unary()
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException("Too deep.");
        }

        var value = Take("!", "-", "(") switch
        {
            "!" => Operand.Of(!IsTrue(Unary())),
            "-" => Operand.Of(-Number(Unary())),
            "(" => Bracketed(),
            _ => Primary(),
        };
        _depth--;
        return value;
    }

    private Operand Bracketed()
    {
        var value = Or();
        return Take(")") ? value : throw new FormatException("A bracket is open.");
    }

    private Operand Primary()
    {
        if (_at == _tokens.Count)
        {
            throw new FormatException("The expression ends early.");
        }

        var token = _tokens[_at++];
        if (token[0] is '"')
        {
            return new Operand(0, token[1..^1]);
        }

        return Operand.Of(long.Parse(token, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    private bool Take(string sign) => Take([sign]) is not null;

    private string? Take(params ReadOnlySpan<string> signs)
    {
        foreach (var sign in signs)
        {
            if (_at < _tokens.Count && string.Equals(_tokens[_at], sign, StringComparison.Ordinal))
            {
                _at++;
                return sign;
            }
        }

        return null;
    }

    private static bool IsTrue(Operand value) => value.Text is null ? value.Number is not 0 : value.Text.Length > 0;

    private static long Number(Operand value) => value.Text is null ? value.Number : throw new FormatException("A text is no number.");

    private readonly record struct Operand(long Number, string? Text)
    {
        public static Operand Of(long number) => new(number, null);

        public static Operand Of(bool holds) => new(holds ? 1 : 0, null);
    }
}
