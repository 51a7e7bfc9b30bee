using System.CommandLine;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>lock update</c>: images and build roots as they are today.</summary>
internal static class LockUpdateCommand
{
    private const string Summary = """
        Renew release.lock: what the image names mean now, and which packages are installed to build with.

        Asks the registries, prepares the build root of each RPM on each target with what the distro has now, writes release.lock and says what is
        other than before. The next 'rpm' builds in these roots. When one of them fails, nothing is written.
        """;

    public static Verb Create()
    {
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Renew this target only; repeatable.", AllowMultipleArgumentsPerToken = true };
        Option<string[]> rpms = new("--rpm") { HelpName = "name", Description = "Renew the build roots of this RPM only; repeatable.", AllowMultipleArgumentsPerToken = true };
        var engine = CommonOptions.Engine();
        var dryRun = CommonOptions.DryRun();
        return new Verb("update", Summary, "dotnet release lock update", "dotnet release lock update --target fedora-43 --json") { targets, rpms, engine, dryRun }
            .Does(async (parsed, session, ct) =>
            {
                var isDry = parsed.GetValue(dryRun);
                var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
                using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry, workspace.Settings) { AskedEngine = CommonOptions.EngineOf(parsed, engine) };
                var run = new LockUpdateRun(workspace, machine, session.Reporter);
                var (names, where) = (parsed.GetValue(rpms) ?? [], parsed.GetValue(targets) ?? []);
                if (isDry)
                {
                    LockOutput.ShowActions(session, await run.FindActionsAsync([.. names], [.. where], ct));
                }
                else
                {
                    LockOutput.Show(session, await run.RunAsync([.. names], [.. where], ct));
                }

                return ExitCode.Success;
            });
    }
}
