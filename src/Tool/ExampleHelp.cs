using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace DotnetRelease.Tool;

/// <summary>The library's help text, with one line for each command below, and followed by the command's examples.</summary>
/// <param name="inner">What prints the standard part.</param>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    private static readonly string[] First =
    [
        "dotnet release doctor                            # what this machine needs",
        "dotnet release detect                            # which locked packages changed",
        "dotnet release plan                              # what has to be built, and why",
        "dotnet release rpm --update-spec --sign          # build and sign it",
        "dotnet release publish                           # into the dnf repository",
        "dotnet release ship --tag v1.2.0 --dry-run       # from a signed tag to the users: every action, without doing one",
        "dotnet release rpm --help                        # more about a command",
    ];

    // Help is asked for by people whose other words may still be wrong.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var asked = parseResult.CommandResult;
        Shorten(asked);
        var code = inner.Invoke(parseResult);
        var examples = asked.Command is Verb verb ? verb.Examples : First;
        if (examples.Count > 0)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return code;
    }

    /// <summary>
    /// Of the commands below only what they do, and of those above no arguments: <c>rpm collect</c> takes none of the names that <c>rpm</c> takes.
    /// Printing help is the last thing that a process does with its commands, so they may be changed for it.
    /// </summary>
    private static void Shorten(CommandResult asked)
    {
        foreach (var command in asked.Command.Subcommands)
        {
            command.Description = command.Description?.Split('\n')[0];
        }

        for (var above = asked.Parent as CommandResult; above is not null; above = above.Parent as CommandResult)
        {
            foreach (var argument in above.Command.Arguments)
            {
                argument.Hidden = true;
            }
        }
    }
}
