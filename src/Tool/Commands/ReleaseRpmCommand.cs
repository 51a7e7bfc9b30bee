using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo release-rpm</c>: the package with which clients get the repository and its keys.</summary>
internal static class ReleaseRpmCommand
{
    private const string Summary = """
        Write the package that brings the repository to clients: its .repo file and every key.

        In it are signing.key, signing.next-key and signing.previous-keys of the settings, each in a file below /etc/pki/rpm-gpg. Clients that
        have it get a new key as an update that the old key signed, before anything is signed with the new one. The package is noarch, has no
        scripts, and is the same for the same commit. It is not signed yet; sign and publish it like any other.
        """;

    public static System.CommandLine.Command Create()
    {
        Option<string> to = new("--to") { HelpName = "name", Description = "The repository of the settings (default: the one that users have, from which nothing is promoted)." };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "For this target only; repeatable." };
        Option<string> version = new("--version") { HelpName = "v", Description = "Version of the package (default: the day of the last commit, such as 20260115)." };
        Option<string> output = new("--output") { HelpName = "dir", Description = "Where it goes, a folder for each target.", DefaultValueFactory = _ => RpmRequest.DefaultOutput };
        var dryRun = CommonOptions.DryRun();

        return new Verb("release-rpm", Summary, "dotnet release repo release-rpm", "dotnet release repo release-rpm --to qa --target fedora-43 --version 3")
        {
            to, targets, version, output, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var request = new ReleaseRpmRequest(new Gpg(), session.Resolve(parsed.GetRequiredValue(output)))
            {
                Repository = parsed.GetValue(to),
                Version = parsed.GetValue(version),
                Targets = [.. (parsed.GetValue(targets) ?? []).Select(name => Known(workspace, name))],
            };
            var planned = await new ReleaseRpmRun(workspace).PlanAsync(request, ct);
            if (parsed.GetValue(dryRun))
            {
                Preview(session, planned);
                return ExitCode.Success;
            }

            Show(session, await ReleaseRpmRun.WriteAsync(planned, ct));
            return ExitCode.Success;
        });
    }

    private static string Known(Workspace workspace, string name) => workspace.Settings.FindTarget(name) is not null
        ? name
        : throw new ReleaseException(Fault.Usage, $"The settings have no target '{name}'.") { Remedy = $"Known are: {string.Join(", ", workspace.Settings.Targets.Select(target => target.Name))}." };

    private static void Preview(Session session, ImmutableArray<ReleaseRpm> planned)
    {
        if (session.Json)
        {
            session.WriteJson(json => json.WriteStrings("actions", planned.Select(package => $"write {package.Path}")));
            return;
        }

        foreach (var package in planned)
        {
            session.Output.WriteLine($"would write {package.Path}");
            foreach (var file in package.Draft.Files)
            {
                session.Output.WriteLine($"  {file.Path}");
            }
        }
    }

    private static void Show(Session session, ImmutableArray<WrittenRpm> written)
    {
        if (session.Json)
        {
            session.WriteJson(json => RpmJson.WriteFiles(json, null, written.Select(one => (one.File, (RpmSignature?)null, one.IsNew ? "written" : "unchanged"))));
            return;
        }

        foreach (var (file, isNew) in written)
        {
            session.Output.WriteLine($"{(isNew ? "wrote" : "unchanged")} {file.Path}");
        }

        session.Output.WriteLine("next: dotnet release sign, then dotnet release publish");
    }
}
