using System.CommandLine;

namespace DotnetRelease.Tool;

/// <summary>A command whose help ends with examples to type. Every command of the tool is one.</summary>
/// <example>
/// <code>
/// internal static class DetectCommand
/// {
///     public static Command Create()
///     {
///         Option&lt;string&gt; from = new("--from") { HelpName = "rev|file", Description = "..." };
///         return new Verb("detect", "Show which locked packages changed.", "dotnet release detect --from v1.2 --json") { from }
///             .Does(async (parsed, session, ct) =&gt;
///             {
///                 ...
///                 return ExitCode.Success;
///             });
///     }
/// }
/// </code>
/// </example>
/// <param name="name">What the user types.</param>
/// <param name="description">One sentence.</param>
/// <param name="examples">Whole command lines.</param>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines that a user can copy.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Whether Ctrl-C and the like are the command's own business; usually they end the run.</summary>
    public bool TakesSignals { get; private set; }

    /// <summary>Ctrl-C and the like do not end the run by themselves; the body sees to them.</summary>
    public Verb TakingSignals()
    {
        TakesSignals = true;
        return this;
    }

    /// <summary>Says what the command does; the body gets the common options ready to use and returns how the run ended.</summary>
    public Verb Does(Func<ParseResult, Session, CancellationToken, Task<ExitCode>> body)
    {
        SetAction(async (parsed, ct) => (int)await body(parsed, Session.Of(parsed), ct));
        return this;
    }

    /// <summary>The same for a body that needs no waiting.</summary>
    public Verb Does(Func<ParseResult, Session, ExitCode> body) => Does((parsed, session, _) => Task.FromResult(body(parsed, session)));
}
