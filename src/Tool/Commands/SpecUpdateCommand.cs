using System.CommandLine;
using DotnetRelease.Runs;
using DotnetRelease.Specs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>spec update</c>: the spec follows the lock.</summary>
internal static class SpecUpdateCommand
{
    private const string Summary = """
        Bring specs in line with the lock, in place, and show the difference.

        Edits Version, Release, the Source lines of followed packages, sha256 digests anywhere in the spec, and adds a %changelog entry. Everything
        else keeps its bytes, and a second run changes nothing. A 'sources' file that lists followed packages gets the new files, too.
        """;

    public static Command Create()
    {
        Argument<string[]> names = new("name") { Description = "RPMs of the settings (default: all that follow a package).", Arity = ArgumentArity.ZeroOrMore };
        var range = new RangeOptions();
        Option<string> packager = new("--packager") { HelpName = "name <mail>", Description = "Who the %changelog entry names (default: git's user.name and user.email)." };
        var dryRun = CommonOptions.DryRun();

        return new Verb("update", Summary, "dotnet release spec update", "dotnet release spec update python3-pyside6 --dry-run")
        {
            names, range.From, range.To, packager, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var writes = !parsed.GetValue(dryRun);
            using var machine = new Machine(Places.FromEnvironment(), session.Reporter, mayWrite: writes);
            var run = new SpecUpdateRun(workspace, machine.Cache.Known)
            {
                Date = SourceDate.Today(),
                Packager = parsed.GetValue(packager),
                Sha512 = writes ? (source, token) => machine.Sha512OfAsync(workspace, source, token) : null,
            };
            var updates = await run.FindAsync([.. parsed.GetValue(names) ?? []], range.Of(parsed), ct);
            if (writes)
            {
                await run.WriteAsync(updates, ct);
            }

            Show(session, updates, writes);
            return ExitCode.Success;
        });
    }

    private static void Show(Session session, IReadOnlyCollection<UpdatedSpec> updates, bool written)
    {
        foreach (var note in updates.SelectMany(each => each.Update.Notes))
        {
            session.Reporter.Warning(note.Text, note.Position);
        }

        if (session.Json)
        {
            WriteJson(session, updates, written);
            return;
        }

        foreach (var each in updates)
        {
            if (each.Sources is { } sources)
            {
                session.Output.Write(sources.Diff);
            }

            if (each.Update.Changes.IsEmpty)
            {
                session.Reporter.Info($"{each.Rpm.Spec}: in line with the lock");
                continue;
            }

            session.Output.Write(UnifiedDiff.Of(each.Before, each.Update.Spec));
            session.Reporter.Info($"{each.Rpm.Spec}: {each.Update.Changes.Length} edits {(written ? "written" : "to write")}");
        }
    }

    private static void WriteJson(Session session, IReadOnlyCollection<UpdatedSpec> updates, bool written) => session.WriteJson(json =>
    {
        json.WriteBoolean("written", written);
        json.WriteItems("specs", updates, each =>
        {
            json.WriteString("name", each.Rpm.Name);
            json.WriteString("path", each.Rpm.Spec);
            json.WriteItems("changes", each.Update.Changes, change =>
            {
                json.WriteNumber("line", change.Line);
                json.WriteString("what", change.What);
                json.WriteString("old", change.Old);
                json.WriteString("new", change.New);
            });
            json.WriteString("diff", UnifiedDiff.Of(each.Before, each.Update.Spec));
            json.WriteString("sourcesDiff", each.Sources?.Diff);
        });
    });
}
