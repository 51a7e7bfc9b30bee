using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// A program with its arguments, as an immutable value: saying what to run and running it are two things. The child sees only a
/// short allow-list of the caller's environment and what is added here; a secret never goes into <see cref="Arguments"/>.
/// </summary>
/// <param name="Program">A name that is looked up in PATH, or an absolute path.</param>
/// <param name="Arguments">Handed over one by one; no shell is involved.</param>
public sealed record Command(string Program, params ImmutableArray<string> Arguments)
{
    /// <summary>Where the program starts; null: where we are.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to the allow-list; a null value removes one.</summary>
    public ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>Bytes for standard input; without any it is closed at once.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Adds or replaces one variable.</summary>
    public Command With(string variable, string? value) => this with { Environment = Environment.SetItem(variable, value) };

    /// <summary>The command as a person would type it, quoted for a POSIX shell.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Program).Select(Quote));

    private static string Quote(string word)
    {
        if (word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%^!".Contains(c, StringComparison.Ordinal)))
        {
            return word;
        }

        return new StringBuilder("'").Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'').ToString();
    }
}
