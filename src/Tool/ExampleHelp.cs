using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DotnetRelease.Tool;

/// <summary>The library's help text, followed by the command's examples.</summary>
/// <param name="inner">What prints the standard part.</param>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    // Help is asked for by people whose other words may still be wrong.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in verb.Examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        return code;
    }
}
