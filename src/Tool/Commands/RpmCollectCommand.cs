using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>rpm collect</c>: what the jobs of a build matrix made, in one place.</summary>
internal static class RpmCollectCommand
{
    private const string Summary = """
        Join the packages that the jobs of a build matrix made.

        Makes the plan again and reads the folders, at any depth. Each package has to be the one that the statement beside it describes, each
        statement has to be about a build of this plan, from the same inputs, and no build may be missing. Then all of it goes to
        dist/rpm/TARGET/ with statements and SBOMs, as 'rpm' would have left it; 'sign' or --sign, and 'publish', go on from there. When anything is
        wrong, nothing is copied.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> folders = new("dir") { Description = "A folder with downloaded artefacts; repeatable.", Arity = ArgumentArity.OneOrMore };
        Option<string[]> rpms = new("--rpm") { HelpName = "name", Description = "The RPMs that were planned, as with 'plan'; repeatable." };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "The targets that were planned; repeatable." };
        var range = new RangeOptions();
        Option<string> output = new("--output") { HelpName = "dir", Description = "Where results go, a folder for each target.", DefaultValueFactory = _ => RpmRequest.DefaultOutput };
        Option<bool> sign = new("--sign") { Description = "Sign the packages with signing.key of the settings, after all is proven." };
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb("collect", Summary, "dotnet release rpm collect artifacts", "dotnet release rpm collect artifacts --rpm python3-pyside6 --json", "dotnet release rpm collect artifacts --sign")
        {
            folders, rpms, targets, range.From, range.To, sign, secret.File, secret.Descriptor, secret.Passphrase, output, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var signs = parsed.GetValue(sign);
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry || !signs ? KeyAccess.OfUser : secret.Read(parsed, session);
            if (signs && !isDry)
            {
                await EventOrigin.RequireTrustedAsync("rpm collect --sign", session.Folder, ct);
            }

            var signing = signs ? new ResultSigning(workspace.Settings.Signing?.Key ?? throw RpmOptions.NoKey(workspace), access) : null;
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry);
            var wanted = new PlanRequest([.. parsed.GetValue(rpms) ?? []], [.. parsed.GetValue(targets) ?? []]) { Today = SourceDate.Today() };
            var request = new RpmRequest(range.Of(parsed), wanted) { Output = session.Resolve(parsed.GetRequiredValue(output)) };
            var planned = await new RpmRun(workspace, machine, session.Reporter).PlanAsync(request, ask: true, ct);
            planned.TellTo(session.Reporter);
            planned.RefuseAlarms();
            var run = new CollectRun(workspace, planned.Plan);
            var builds = await run.ProveAsync([.. parsed.GetRequiredValue(folders).Select(session.Resolve)], ct);
            if (isDry)
            {
                foreach (var file in builds.SelectMany(build => build.Files.Select(file => (build.Record.Target, file.Built))))
                {
                    session.Reporter.Info($"would copy {file.Built.Name} to {Path.Combine(request.Output, file.Target)}");
                }

                RpmOutput.ShowPlan(session, planned.Plan);
                return ExitCode.Success;
            }

            var results = await run.CommitAsync(builds, request.Output, ct);
            return RpmOutput.Show(session, planned.Plan, signing is null || results.IsEmpty ? results : await SignAsync(session, results, signing, ct));
        });
    }

    /// <summary>All in one go: a key that asks for its passphrase asks once.</summary>
    private static async Task<ImmutableArray<RpmResult>> SignAsync(Session session, ImmutableArray<RpmResult> results, ResultSigning signing, CancellationToken ct)
    {
        using var stage = session.Reporter.Stage("sign");
        var signed = await signing.SignAsync([.. results.SelectMany(result => result.Files).Select(file => file.File.Path)], session.Reporter, ct);
        var byPath = signed.ToDictionary(file => file.File.Path, StringComparer.Ordinal);
        return [.. results.Select(result => result with { Files = [.. result.Files.Select(file => byPath[file.File.Path])] })];
    }
}
