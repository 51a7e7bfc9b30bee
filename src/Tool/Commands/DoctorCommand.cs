using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Runs;
using DotnetRelease.Runs.Doctor;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>doctor</c>: whether this machine has what the commands need, each piece tried.</summary>
internal static class DoctorCommand
{
    private const string Summary = """
        Try everything that the commands need from this machine, and say how to mend what fails.

        Namespaces, id maps, an overlay, a sandbox without network, podman and docker, gpg with its agent and the key of the settings, git,
        free space, the clock, a token for GitHub: each is tried for real. Nothing is downloaded or signed, and no secret is shown. What this project does
        not need is marked "optional" when it fails. Ends with 5 when something that is needed fails.
        """;

    public static System.CommandLine.Command Create() => new Verb("doctor", Summary, "dotnet release doctor", "dotnet release doctor --json")
        .Does(async (_, session, ct) =>
        {
            var workspace = await Workspace.TryOpenAsync(session.Folder, session.Config, ct);
            var checks = await new DoctorRun(Places.FromEnvironment(), workspace, session.Reporter).RunAsync(ct);
            Show(session, checks);
            return checks.Any(check => check.IsFailure) ? ExitCode.Environment : ExitCode.Success;
        });

    private static void Show(Session session, ImmutableArray<DoctorCheck> checks)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, checks));
            return;
        }

        var width = checks.Max(check => check.Name.Length);
        foreach (var check in checks)
        {
            session.Output.WriteLine($"{Word(check),-10}{check.Name.PadRight(width)}  {check.Found}");
            if (check.Fix.Length > 0)
            {
                session.Output.WriteLine($"{"",-10}{"".PadRight(width)}  fix: {check.Fix}");
            }
        }

        var failures = checks.Where(check => check.IsFailure).Select(check => check.Name).ToList();
        session.Output.WriteLine(failures.Count is 0 ? "This machine has what is needed." : $"Needed and not working: {string.Join(", ", failures)}.");
    }

    private static string Word(DoctorCheck check) => check.Ok ? "ok" : check.IsNeeded ? "fails" : "optional";

    /// <summary><c>{"schema","ok","checks":[{"name","ok","needed","found","fix"}]}</c>.</summary>
    private static void Write(Utf8JsonWriter json, ImmutableArray<DoctorCheck> checks)
    {
        json.WriteBoolean("ok", !checks.Any(check => check.IsFailure));
        json.WriteItems("checks", checks, check =>
        {
            json.WriteString("name", check.Name);
            json.WriteBoolean("ok", check.Ok);
            json.WriteBoolean("needed", check.IsNeeded);
            json.WriteString("found", check.Found);
            json.WriteString("fix", check.Fix);
        });
    }
}
