using System.CommandLine;
using DotnetRelease.NewSpecs;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>spec new</c>: the first spec of an RPM that is made from locked wheels.</summary>
internal static class SpecNewCommand
{
    private const string Summary = """
        Write a spec for an RPM made from locked wheels.

        Chooses the wheels for the targets of release.toml by their tags, fetches and proves them, and writes what they say about themselves:
        licence in SPDX's words, requirements, private libraries, the folders they own, an import test. Never overwrites a spec. Where the RPM
        is not in release.toml yet, its lines for there are printed.
        """;

    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The RPM, for example python3-pyside6." };
        Option<string[]> packages = new("--from-lock") { HelpName = "package", Description = "A locked package, repeatable; the first gives the version (default: what the RPM follows in release.toml)." };
        Option<string> output = new("--output") { HelpName = "dir", Description = "Folder for the spec (default: as release.toml says, else rpm-specs/NAME)." };
        Option<string> packager = new("--packager") { HelpName = "name <mail>", Description = "Who the %changelog entry names (default: git's user.name and user.email)." };
        var dryRun = CommonOptions.DryRun();

        return new Verb(
            "new", Summary, "dotnet release spec new python3-greeter --from-lock greeter",
            "dotnet release spec new python3-pyside6 --from-lock pyside6 --from-lock pyside6-addons --from-lock pyside6-essentials --from-lock shiboken6")
        {
            name, packages, output, packager, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            var workspace = await Workspace.TryOpenAsync(session.Folder, session.Config, ct) ?? SpecNewRun.Bare(session.Folder);
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: !isDry);
            var run = new SpecNewRun(workspace, machine);
            var folder = parsed.GetValue(output) is { } dir ? Path.GetFullPath(dir, session.Folder) : null;
            var plan = await run.PlanAsync(new SpecNewRequest(parsed.GetRequiredValue(name), [.. parsed.GetValue(packages) ?? []], folder), ct);
            NewSpec? spec = null;
            if (!isDry)
            {
                var author = await SpecNewRun.AuthorAsync(workspace, parsed.GetValue(packager), ct);
                spec = await run.MakeAsync(plan, author, ct);
                await run.WriteAsync(plan, spec, ct);
            }

            var fetcher = machine.Fetcher(workspace);
            Show(session, new Outcome(plan, spec, workspace.Settings.Rpms.Any(rpm => rpm.Name == plan.Rpm.Name && rpm.Follows.SequenceEqual(plan.Rpm.Follows, StringComparer.Ordinal))), source => fetcher.Foresee(source).First);
            return ExitCode.Success;
        });
    }

    private static void Show(Session session, Outcome outcome, Func<PlannedSource, string> from)
    {
        var (plan, spec, isListed) = outcome;
        foreach (var note in spec?.Notes ?? [])
        {
            session.Reporter.Warning(note, new SourcePosition(plan.Rpm.Spec));
        }

        if (session.Json)
        {
            WriteJson(session, outcome);
            return;
        }

        if (spec is null)
        {
            foreach (var source in plan.Sources)
            {
                session.Output.WriteLine($"read {source.File} ({from(source)})");
            }

            session.Output.WriteLine($"write {plan.Rpm.Spec}");
        }

        if (!isListed)
        {
            session.Reporter.Info("Add these lines to release.toml:");
            session.Output.Write(plan.Lines);
        }

        if (spec is not null)
        {
            session.Reporter.Info($"{plan.Rpm.Spec}: written. Read it, then build: dotnet release rpm {plan.Rpm.Name}");
        }
    }

    /// <summary><c>{"schema","written","name","path","license","wheels":[{"package","file","sha256"}],"settings","notes":[],"spec"}</c>.</summary>
    private static void WriteJson(Session session, Outcome outcome) => session.WriteJson(json =>
    {
        var (plan, spec, isListed) = outcome;
        json.WriteBoolean("written", spec is not null);
        json.WriteString("name", plan.Rpm.Name);
        json.WriteString("path", plan.Rpm.Spec);
        json.WriteString("license", spec?.License);
        json.WriteItems("wheels", plan.Sources, source =>
        {
            json.WriteString("package", source.Package);
            json.WriteString("file", source.File);
            json.WriteString("sha256", source.Digest.Hex);
        });
        json.WriteString("settings", isListed ? null : plan.Lines);
        json.WriteStrings("notes", spec?.Notes ?? []);
        json.WriteString("spec", spec?.Text);
    });

    /// <param name="Plan">The wheels.</param>
    /// <param name="Spec">Null in a dry run.</param>
    /// <param name="IsListed">Whether the settings have the RPM already.</param>
    private sealed record Outcome(NewSpecPlan Plan, NewSpec? Spec, bool IsListed);
}
