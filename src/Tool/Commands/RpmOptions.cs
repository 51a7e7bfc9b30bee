using System.CommandLine;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>The words that <c>rpm</c> takes, and what they ask for.</summary>
internal sealed class RpmOptions
{
    public RpmOptions() => Jobs.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() is < 1)
        {
            result.AddError("--jobs needs a number from 1 on.");
        }
    });

    public Argument<string[]> Names { get; } = new("name") { Description = "RPMs of the settings (default: those that follow a changed package).", Arity = ArgumentArity.ZeroOrMore };

    public Option<string[]> Targets { get; } = new("--target") { HelpName = "name", Description = "Build for this target only; repeatable." };

    public Option<string[]> Archs { get; } = new("--arch") { HelpName = "arch", Description = "Build for this machine of the targets only, x86_64 for example; repeatable." };

    public Option<string[]> Only { get; } = new("--only") { HelpName = "rpm@target[/arch]", Description = "Only this build, as 'plan --matrix' names it; repeatable." };

    public RangeOptions Range { get; } = new();

    public Option<bool> UpdateSpec { get; } = new("--update-spec") { Description = "First bring the specs in line with the lock, as 'spec update' does." };

    public Option<bool> Sign { get; } = new("--sign") { Description = "Sign the packages with signing.key of the settings." };

    public KeyOptions Secret { get; } = new();

    public Option<string> Output { get; } = new("--output") { HelpName = "dir", Description = "Where results go, a folder for each target.", DefaultValueFactory = _ => RpmRequest.DefaultOutput };

    public Option<int?> Jobs { get; } = new("--jobs") { HelpName = "n", Description = "Build for so many targets at once (default: build.jobs, else what processors and free memory allow)." };

    public Option<string> Engine { get; } = CommonOptions.Engine();

    public Option<bool> Shell { get; } = new("--shell-on-failure") { Description = "When a build fails, open a shell in its root, with what the build had; needs a terminal." };

    public Option<bool> Locked { get; } = new("--locked") { Description = "Refuse every image and every package of a build root that is not in release.lock, and name the difference." };

    public Option<bool> Offline { get; } = new("--offline") { Description = "Use no network: everything has to be here already, from earlier runs." };

    public Option<bool> Check { get; } = new("--check-reproducible") { Description = "Build everything twice, the second time elsewhere as far as a build can tell, and compare." };

    public Option<bool> Uninstalled { get; } = new("--no-install-check") { Description = "Do not install the packages, although the settings have 'smoke' for them." };

    public Option<bool> DryRun { get; } = CommonOptions.DryRun();

    /// <summary>What is to be built, and how.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="session">Where paths begin.</param>
    /// <param name="workspace">The project, whose key signs.</param>
    /// <param name="access">How to get at the key.</param>
    public RpmRequest Request(ParseResult parsed, Session session, Workspace workspace, KeyAccess access) => new(Range.Of(parsed), Wanted(parsed))
    {
        Output = session.Resolve(parsed.GetRequiredValue(Output)),
        Jobs = parsed.GetValue(Jobs),
        Key = parsed.GetValue(Sign) ? workspace.Settings.Signing?.Key ?? throw NoKey(workspace) : null,
        Access = access,
        Locked = parsed.GetValue(Locked),
        CheckReproducible = parsed.GetValue(Check),
        InstallCheck = !parsed.GetValue(Uninstalled),
        OnFailure = parsed.GetValue(Shell) ? FailureShell.OpenAsync : null,
    };

    /// <summary>Why nothing can be signed here.</summary>
    public static ReleaseException NoKey(Workspace workspace) =>
        new(Fault.KeyNameMalformed, $"--sign needs the fingerprint of a key, and '{workspace.Settings.Path}' has no signing.key.")
        {
            Remedy = "See the fingerprints: gpg --list-secret-keys",
        };

    private PlanRequest Wanted(ParseResult parsed)
    {
        var named = new PlanRequest([.. parsed.GetValue(Names) ?? []], [.. parsed.GetValue(Targets) ?? []]) { Archs = [.. parsed.GetValue(Archs) ?? []] };
        return Restrict(named, parsed.GetValue(Only) ?? []) with
        {
            ForeseeSpecUpdate = parsed.GetValue(DryRun) && parsed.GetValue(UpdateSpec),
            Today = SourceDate.Today(),
        };
    }

    /// <summary>A build has one name; said in two ways it could be two.</summary>
    private static PlanRequest Restrict(PlanRequest named, string[] only) => (only, named) switch
    {
        ([], _) => named,
        (_, { Rpms.IsEmpty: true, Targets.IsEmpty: true, Archs.IsEmpty: true }) => PlanRequest.Of([.. only.Select(CellName.Parse)]),
        _ => throw new ReleaseException(Fault.Usage, "--only names whole builds; leave out the names of RPMs, --target and --arch."),
    };
}
