using System.CommandLine;
using DotnetRelease.Containers;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool;

/// <summary>The options that every command understands.</summary>
internal static class CommonOptions
{
    public static readonly Option<string> Folder = new("-C") { HelpName = "dir", Description = "Work as if started in this folder.", Recursive = true };

    public static readonly Option<string> Config = new("--config") { HelpName = "file", Description = "The settings file (default: release.toml, found upwards).", Recursive = true };

    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document on stdout and nothing else there.", Recursive = true };

    public static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "Say more.", Recursive = true };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Say only what went wrong.", Recursive = true };

    public static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours (also: NO_COLOR, and by itself off a terminal).", Recursive = true };

    /// <summary>For commands that write: what would happen, without credentials, network or writes.</summary>
    public static Option<bool> DryRun() => new("--dry-run") { Description = "Print the exact actions and do nothing: no network, no credentials, no writes." };

    /// <summary>For commands that make containers.</summary>
    public static Option<string> Engine()
    {
        Option<string> engine = new("--engine") { HelpName = string.Join('|', EngineChoice.Names), Description = "What runs the containers (default: embedded on Linux, else podman; for builds what the settings say)." };
        engine.AcceptOnlyFromAmong([.. EngineChoice.Names]);
        return engine;
    }

    /// <summary>The engine that was named, or null.</summary>
    public static EngineChoice? EngineOf(ParseResult parsed, Option<string> engine)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetValue(engine) is { } name ? EngineChoice.Parse(name) : null;
    }

    /// <summary>For commands whose result may go into a comment or a script.</summary>
    public static Option<PageFormat> Format()
    {
        Option<PageFormat> format = new("--format") { HelpName = "table|markdown|tsv", Description = "How the result is written." };
        format.CustomParser = result => Enum.TryParse<PageFormat>(result.Tokens[0].Value, ignoreCase: true, out var known) && Enum.IsDefined(known)
            ? known
            : Refuse(result);
        return format;

        static PageFormat Refuse(System.CommandLine.Parsing.ArgumentResult result)
        {
            result.AddError($"'--format {result.Tokens[0].Value}': known are table, markdown and tsv.");
            return PageFormat.Table;
        }
    }
}
