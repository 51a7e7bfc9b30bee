using System.CommandLine;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool;

/// <summary>Which bump of the lockfiles a command is about; the same for every command that makes a plan.</summary>
internal sealed class RangeOptions
{
    public Option<string> From { get; } = new("--from") { HelpName = "rev|file", Description = "The older side of the lockfiles (default: their last change, as with 'detect')." };

    public Option<string> To { get; } = new("--to") { HelpName = "rev|file", Description = "The newer side (default: the files in the work tree)." };

    public PlanRange Of(ParseResult parsed) => new(parsed.GetValue(From), parsed.GetValue(To));
}
