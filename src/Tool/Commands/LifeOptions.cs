using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>What every command understands that changes a repository, and how it goes: make a plan, have it confirmed, do exactly that.</summary>
internal sealed class LifeOptions
{
    private readonly KeyOptions _secret = new();

    public Option<string[]> Targets { get; } = new("--target") { HelpName = "name", Description = "Only this target; repeatable (default: every target)." };

    public Option<string> Plan { get; } = new("--plan") { HelpName = "id", Description = "Do exactly the plan that --dry-run showed under this number; refused when it is not the same any more." };

    public Option<string> Maintainers { get; } = new("--maintainers") { HelpName = "rev", Description = "The revision whose maintainers.toml says what may go where (default: the protected branch)." };

    public Option<bool> DryRun { get; } = CommonOptions.DryRun();

    /// <summary>Adds the options to a command.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="isConfirmed">Whether a person has to agree to it.</param>
    public Verb AddTo(Verb verb, bool isConfirmed)
    {
        verb.Add(Targets);
        if (isConfirmed)
        {
            verb.Add(Plan);
        }

        verb.Add(_secret.File);
        verb.Add(_secret.Descriptor);
        verb.Add(_secret.Passphrase);
        verb.Add(DryRun);
        return verb;
    }

    /// <summary>Which repository and targets the user named.</summary>
    public LifeChoice Choice(ParseResult parsed, string? repository) => new(repository, [.. parsed.GetValue(Targets) ?? []]);

    /// <summary>Plans, shows or asks, and does.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="session">Where results go.</param>
    /// <param name="plan">Makes the plan.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<ExitCode> RunAsync(ParseResult parsed, Session session, Func<LifeRun, Task<LifePlan>> plan, CancellationToken ct)
    {
        var isDry = parsed.GetValue(DryRun);
        using var access = isDry ? KeyAccess.OfUser : _secret.Read(parsed, session);
        if (!isDry)
        {
            await EventOrigin.RequireTrustedAsync($"repo {parsed.CommandResult.Command.Name}", session.Folder, ct);
        }

        var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
        var made = await plan(new LifeRun(workspace, session.Reporter) { Rules = new(parsed.CommandResult.Command.Options.Contains(Maintainers) ? parsed.GetValue(Maintainers) : null, null) });
        if (isDry)
        {
            LifeOutput.Show(session, made);
            return ExitCode.Success;
        }

        if (parsed.CommandResult.Command.Options.Contains(Plan))
        {
            Confirmation.Require(session, made, parsed.GetValue(Plan));
        }

        await using var home = await access.OpenAsync(ct);
        return LifeOutput.Show(session, made, await new LifeRun(workspace, session.Reporter) { Gpg = home.Gpg }.RunAsync(made, ct));
    }
}
