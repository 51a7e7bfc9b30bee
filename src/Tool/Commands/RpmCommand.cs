using System.CommandLine;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>rpm</c>: the main job.</summary>
internal static class RpmCommand
{
    private const string Summary = """
        Build the RPMs that a lock bump asks for, or those that are named.

        Detects the bump, plans, fetches the sources and the image, and builds binary and source packages in a container of each target.
        Build requirements are installed with a network; the spec is parsed and built without one. What is there already, made from exactly
        the same inputs, is not built again. Several targets are built at once; one that fails does not stop the others.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> names = new("name") { Description = "RPMs of the settings (default: those that follow a changed package).", Arity = ArgumentArity.ZeroOrMore };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Build for this target only; repeatable." };
        Option<string[]> archs = new("--arch") { HelpName = "arch", Description = "Build for this machine of the targets only, x86_64 for example; repeatable." };
        Option<string> from = new("--from") { HelpName = "rev|file", Description = "The older side of the lockfiles (default: their last change, as with 'detect')." };
        Option<string> to = new("--to") { HelpName = "rev|file", Description = "The newer side (default: the files in the work tree)." };
        Option<bool> update = new("--update-spec") { Description = "First bring the specs in line with the lock, as 'spec update' does." };
        Option<bool> sign = new("--sign") { Description = "Sign the packages with signing.key of the settings." };
        Option<string> output = new("--output") { HelpName = "dir", Description = "Where results go, a folder for each target.", DefaultValueFactory = _ => RpmRequest.DefaultOutput };
        Option<bool> shell = new("--shell-on-failure") { Description = "When a build fails, open a shell in its root, with what the build had; needs a terminal." };
        Option<bool> locked = new("--locked") { Description = "Refuse every image and every package of a build root that is not in release.lock, and name the difference." };
        Option<bool> offline = new("--offline") { Description = "Use no network: everything has to be here already, from earlier runs." };
        Option<bool> check = new("--check-reproducible") { Description = "Build everything twice, the second time elsewhere as far as a build can tell, and compare." };
        Option<int?> jobs = new("--jobs") { HelpName = "n", Description = "Build for so many targets at once (default: build.jobs, else what processors and free memory allow)." };
        Option<string[]> only = new("--only") { HelpName = "rpm@target[/arch]", Description = "Only this build, as 'plan --matrix' names it; repeatable." };
        jobs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError("--jobs needs a number from 1 on.");
            }
        });
        Option<bool> uninstalled = new("--no-install-check") { Description = "Do not install the packages, although the settings have 'smoke' for them." };
        var engine = CommonOptions.Engine();
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb(
            "rpm",
            Summary,
            "dotnet release rpm",
            "dotnet release rpm python3-pyside6 --target fedora-43 --update-spec",
            "dotnet release rpm --only python3-pyside6@fedora-43/x86_64 --jobs 1",
            "dotnet release rpm --locked --offline",
            "dotnet release rpm --from v1.2.0 --sign --json")
        {
            names, targets, archs, only, from, to, update, sign, secret.File, secret.Descriptor, secret.Passphrase, output, jobs, engine, shell, locked, offline, check, uninstalled, dryRun,
            RpmCollectCommand.Create(), RpmDiffCommand.Create(),
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            if (parsed.GetValue(shell) && !isDry)
            {
                FailureShell.RequireTerminal(session);
            }

            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            using var access = isDry || !parsed.GetValue(sign) ? KeyAccess.OfUser : secret.Read(parsed, session);
            if (parsed.GetValue(sign) && !isDry)
            {
                await EventOrigin.RequireTrustedAsync("rpm --sign", session.Folder, ct);
            }

            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry, workspace.Settings)
            {
                AskedEngine = CommonOptions.EngineOf(parsed, engine),
                Offline = parsed.GetValue(offline),
            };
            var range = new PlanRange(parsed.GetValue(from), parsed.GetValue(to));
            var named = new PlanRequest([.. parsed.GetValue(names) ?? []], [.. parsed.GetValue(targets) ?? []]) { Archs = [.. parsed.GetValue(archs) ?? []] };
            var wanted = Restrict(named, parsed.GetValue(only) ?? []) with
            {
                ForeseeSpecUpdate = isDry && parsed.GetValue(update),
                Today = SourceDate.Today(),
            };
            var request = new RpmRequest(range, wanted)
            {
                Output = session.Resolve(parsed.GetRequiredValue(output)),
                Jobs = parsed.GetValue(jobs),
                Key = parsed.GetValue(sign) ? workspace.Settings.Signing?.Key ?? throw NoKey(workspace) : null,
                Access = access,
                Locked = parsed.GetValue(locked),
                CheckReproducible = parsed.GetValue(check),
                InstallCheck = !parsed.GetValue(uninstalled),
                OnFailure = parsed.GetValue(shell) ? FailureShell.OpenAsync : null,
            };
            if (parsed.GetValue(update) && !isDry)
            {
                var specs = new SpecUpdateRun(workspace, machine.Cache.Known) { Date = SourceDate.Today(), Sha512 = (source, token) => machine.Sha512OfAsync(workspace, source, token) };
                await specs.WriteAsync(await specs.FindAsync(wanted.Rpms, range, ct), ct);
            }

            var run = new RpmRun(workspace, machine, session.Reporter);
            var planned = await run.PlanAsync(request, ask: !isDry, ct);
            planned.TellTo(session.Reporter);
            planned.RefuseAlarms();
            if (isDry)
            {
                run.TellEngines(planned.Plan);
                RpmOutput.ShowPlan(session, planned.Plan);
                return ExitCode.Success;
            }

            await workspace.WriteLockAsync(planned.Lock, ct);
            var results = await run.RunAsync(planned.Plan, request, ct);
            return RpmOutput.Show(session, planned.Plan, results);
        });
    }

    /// <summary>A build has one name; said in two ways it could be two.</summary>
    private static PlanRequest Restrict(PlanRequest named, string[] only) => (only, named) switch
    {
        ([], _) => named,
        (_, { Rpms.IsEmpty: true, Targets.IsEmpty: true, Archs.IsEmpty: true }) => PlanRequest.Of([.. only.Select(CellName.Parse)]),
        _ => throw new ReleaseException(Fault.Usage, "--only names whole builds; leave out the names of RPMs, --target and --arch."),
    };

    internal static ReleaseException NoKey(Workspace workspace) =>
        new(Fault.KeyNameMalformed, $"--sign needs the fingerprint of a key, and '{workspace.Settings.Path}' has no signing.key.")
        {
            Remedy = "See the fingerprints: gpg --list-secret-keys",
        };
}
