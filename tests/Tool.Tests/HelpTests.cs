using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Tool.Tests;

/// <summary>What a new user sees first.</summary>
[TestClass]
public sealed partial class HelpTests
{
    private const string Tool = "dotnet release ";

    [TestMethod]
    public async Task The_first_page_has_a_line_for_each_command_and_fits_on_a_screen()
    {
        var lines = (await HelpAsync()).TrimEnd().Split('\n');

        foreach (var command in Door.CreateRoot([], null).Subcommands)
        {
            Assert.HasCount(1, lines.Where(line => Regex.IsMatch(line, $"^  {Regex.Escape(command.Name)} .*[.]$")), command.Name);
        }

        Assert.IsLessThanOrEqualTo(50, lines.Length);
    }

    [TestMethod]
    public async Task A_command_below_another_takes_none_of_its_arguments()
    {
        Assert.Contains(" rpm collect <dir>... [options]\n", await HelpAsync("rpm", "collect"), StringComparison.Ordinal);
        Assert.Contains(" rpm [<name>...] [command] [options]\n", await HelpAsync("rpm"), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Every_command_has_examples_and_takes_them_as_they_stand()
    {
        var examples = Verbs(Door.CreateRoot([], null)).SelectMany(verb => verb.Examples.DefaultIfEmpty($"{verb.Name} has no example")).ToList();
        Assert.IsGreaterThan(50, examples.Count);

        Assert.AreEqual("", string.Join('\n', examples.SelectMany(Complaints)));
    }

    [TestMethod]
    public void Every_command_of_the_docs_is_one()
    {
        var commands = Checkout.Pages().SelectMany(File.ReadLines).Select(line => line.TrimStart(' ', '$')).Where(line => line.StartsWith(Tool, StringComparison.Ordinal)).ToList();
        Assert.IsGreaterThan(80, commands.Count);

        Assert.AreEqual("", string.Join('\n', commands.SelectMany(Complaints)));
    }

    /// <summary>What the parser has to say about a line of shell with one command of the tool.</summary>
    private static IEnumerable<string> Complaints(string line)
    {
        var words = Words().Matches(line[(line.IndexOf(Tool, StringComparison.Ordinal) + Tool.Length)..]).Select(word => word.Value)
            .TakeWhile(word => word is not ("|" or ">" or ">>" or "&&" or "\\" or "#"))
            .Where(word => !Redirection().IsMatch(word)).Select(word => word.Trim('\'', '"', ';')).ToArray();
        var parsed = CommandLineParser.Parse(Door.CreateRoot([], null), words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Select(error => error.Message).Concat(parsed.UnmatchedTokens).Select(problem => $"{line}: {problem}");
    }

    private static IEnumerable<Verb> Verbs(Command command) =>
        command.Subcommands.SelectMany(Verbs).Concat(command is Verb verb ? [verb] : []);

    private static async Task<string> HelpAsync(params string[] command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(0, await Door.RunAsync([.. command, "--help"], output, output));
        return output.ToString();
    }

    [GeneratedRegex("^[0-9]*[<>]")]
    private static partial Regex Redirection();

    [GeneratedRegex("'[^']*'|\"[^\"]*\"|[^ ]+")]
    private static partial Regex Words();
}
