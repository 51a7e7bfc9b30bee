using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using DotnetRelease.Tool.Commands;

namespace DotnetRelease.Tool;

/// <summary>From the words on the command line to an exit code. Holds the only catch of the tool. What it prints goes to writers that hide secrets.</summary>
internal static class Door
{
    /// <summary>What diagnostics begin with when no file is to blame.</summary>
    public const string Origin = "dotnet-release";

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, EarlyContainer? early = null)
    {
        // Nothing here reads argument files, and an image reference may well start with '@'.
        var parsed = CommandLineParser.Parse(CreateRoot(args, early), args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            Refuse(parsed);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = output,
                Error = error,

                // Cleaning up after Ctrl-C means ending a container: give it time, but not forever.
                ProcessTerminationTimeout = parsed.CommandResult.Command is Verb { TakesSignals: true } ? null : TimeSpan.FromSeconds(10),
            });
        }
        catch (ReleaseException ex)
        {
            return await ReportAsync(ex);
        }
        catch (OperationCanceledException)
        {
            return await ReportAsync(new ReleaseException(Fault.Interrupted, "Interrupted; nothing unfinished has a final name."));
        }
        catch (Exception ex)
        {
            // A bug of ours. The runtime would print it past the redactor, and end with a signal instead of the exit code.
            await SayAsync(error, ex.ToString());
            return (int)ExitCode.Bug;
        }

        async Task<int> ReportAsync(ReleaseException ex)
        {
            await SayAsync(error, ex.ToReport(Origin));
            if (parsed.GetValue(CommonOptions.Verbose) && ex.InnerException is { } inner)
            {
                await SayAsync(error, inner.ToString());
            }

            if (parsed.GetValue(CommonOptions.Json))
            {
                await SayAsync(output, JsonText.OfError(ex));
            }

            return (int)ex.Fault.Exit;
        }
    }

    /// <summary>A terminal that hung up takes no words any more; how the run ended is told by the exit code all the same.</summary>
    private static async Task SayAsync(TextWriter writer, string text)
    {
        try
        {
            await writer.WriteLineAsync(text);
        }
        catch (IOException)
        {
            // Nobody is there.
        }
    }

    /// <summary>The end of a process in which a thread failed that nobody waits for.</summary>
    public static void Die(TextWriter error, Exception crash)
    {
        error.WriteLine(crash);
        error.Flush();
        Environment.Exit((int)ExitCode.Bug);
    }

    /// <summary>As much of the tool's commands as these words can mean: the one that they begin with, or all.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="early">A container that is already starting, for <c>run</c>.</param>
    public static RootCommand CreateRoot(string[] args, EarlyContainer? early)
    {
        RootCommand root = new("From a lockfile bump to a released package: detect, plan, build RPMs in a rootless container, sign, publish.")
        {
            CommonOptions.Folder,
            CommonOptions.Config,
            CommonOptions.Json,
            CommonOptions.Verbose,
            CommonOptions.Quiet,
            CommonOptions.NoColor,
        };
        if (CommandList.Find(args, early) is { } only)
        {
            root.Add(only);
        }
        else
        {
            foreach (var command in CommandList.All(early))
            {
                root.Add(command);
            }
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>The parser lists what it knows below each other and without an end; messages of ours are one line.</summary>
    private static string Sentence(string complaint)
    {
        var text = complaint.TrimEnd().ReplaceLineEndings("\n").Replace(":\n\t", ": ", StringComparison.Ordinal).Replace("\n\t", ", ", StringComparison.Ordinal);
        return text.EndsWith('.') || text.EndsWith('?') ? text : text + ".";
    }

    /// <summary>Turns the parser's complaints into one of ours, with a suggestion for a mistyped word.</summary>
    private static void Refuse(ParseResult parsed)
    {
        if (parsed.Action is HelpAction or ExampleHelp)
        {
            return;
        }

        // To the parser an option that it does not know is one more file where a command takes files.
        var unknown = FirstDashedWord(parsed);
        var complaint = parsed.Errors is [var first, ..] ? Sentence(first.Message) : unknown is null ? null : $"Unknown option '{unknown}'.";
        if (complaint is null)
        {
            return;
        }

        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.SelectMany(sub => sub.Aliases.Append(sub.Name))
            .Concat(command.Options.Concat(CommonOptionsOf(parsed)).SelectMany(option => option.Aliases.Append(option.Name)));
        var mistyped = (parsed.UnmatchedTokens is [var word, ..] ? word : unknown) is { } wrong ? Suggestion.For(wrong, known) : null;
        var path = string.Join(' ', Path(parsed.CommandResult).Reverse());
        throw new ReleaseException(Fault.Usage, complaint)
        {
            Remedy = mistyped is null ? $"See 'dotnet release {path}--help'." : $"Did you mean '{mistyped}'? See 'dotnet release {path}--help'.",
        };
    }

    /// <summary>The first of the command's arguments that looks like an option, up to the two dashes after which everything is one.</summary>
    private static string? FirstDashedWord(ParseResult parsed)
    {
        foreach (var token in parsed.Tokens)
        {
            if (token.Type is TokenType.DoubleDash)
            {
                return null;
            }

            // The value of an option is such a token too.
            if (token is { Type: TokenType.Argument, Value: ['-', _, ..] }
                && parsed.CommandResult.Children.OfType<ArgumentResult>().Any(argument => argument.Tokens.Any(taken => ReferenceEquals(taken, token))))
            {
                return token.Value;
            }
        }

        return null;
    }

    private static IEnumerable<Option> CommonOptionsOf(ParseResult parsed) => parsed.RootCommandResult.Command.Options.Where(option => option.Recursive);

    private static IEnumerable<string> Path(SymbolResult? result)
    {
        yield return "";
        for (; result is CommandResult { Command: not RootCommand } command; result = command.Parent)
        {
            yield return command.Command.Name;
        }
    }
}
