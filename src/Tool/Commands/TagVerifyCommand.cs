using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Runs;
using DotnetRelease.Tags;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>tag verify</c>: the signed-tag gate.</summary>
internal static class TagVerifyCommand
{
    private const string Summary = """
        Check that a signed tag may be released.

        The signature has to be by a key that maintainers.toml allows to release this package to this channel, as that file is on the protected
        branch: the default branch of origin, else the branch that is checked out, or the revision of --maintainers; never as the tag has it. Name,
        commit and version have to be those that were signed, and the version has to be above all that were released. The decision is written into the
        ledger, so that 'status' shows a refusal, too.
        """;

    public static Command Create()
    {
        Argument<string> tag = new("tag") { Description = "Name of the tag." };
        Option<string> package = new("--for") { HelpName = "name", Description = "The package to release (default: what the tag's name says, else the project)." };
        Option<string> channel = new("--channel") { HelpName = "channel", Description = "Where to.", DefaultValueFactory = _ => TagQuestion.DefaultChannel };
        Option<string[]> kinds = new("--kind") { HelpName = "kind", Description = "What to build: source or binary; repeatable (default: both)." };
        kinds.AcceptOnlyFromAmong("source", "binary");
        Option<string> maintainers = new("--maintainers") { HelpName = "rev", Description = "The revision whose maintainers.toml counts." };
        Option<string> commit = new("--commit") { HelpName = "rev", Description = "What is built; the tag has to name it (default: HEAD when no branch is checked out)." };
        Option<bool> dryRun = new("--dry-run") { Description = "Decide, and write nothing into the ledger." };

        return new Verb(
            "verify",
            Summary,
            "dotnet release tag verify v1.2.0",
            "dotnet release tag verify v1.2.0-rc1 --channel qa --maintainers origin/main --commit HEAD",
            "dotnet release tag verify v6.8.0 --for python3-pyside6 --json")
        {
            tag, package, channel, kinds, maintainers, commit, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var request = new TagRequest(parsed.GetRequiredValue(tag))
            {
                Package = parsed.GetValue(package),
                Channel = parsed.GetRequiredValue(channel),
                Kinds = KindsOf(parsed.GetValue(kinds) ?? []),
                Maintainers = parsed.GetValue(maintainers),
                Commit = parsed.GetValue(commit),
                IsDryRun = parsed.GetValue(dryRun),
            };
            Show(session, await new TagRun(workspace, session.Reporter).VerifyAsync(request, ct));
            return ExitCode.Success;
        });
    }

    private static ImmutableArray<ReleaseKind> KindsOf(string[] words)
    {
        ImmutableArray<ReleaseKind> asked = [.. words.Select(word => word is "source" ? ReleaseKind.Source : ReleaseKind.Binary).Distinct()];
        return asked.IsEmpty ? [ReleaseKind.Source, ReleaseKind.Binary] : asked;
    }

    private static void Show(Session session, TagVerdict verdict)
    {
        if (session.Json)
        {
            WriteJson(session, verdict);
            return;
        }

        var files = verdict.Claims.Length switch
        {
            0 => "is that of the tag alone: the settings name no file that has one",
            1 => "agrees with 1 file",
            var several => $"agrees with {several} files",
        };
        session.Output.WriteLine($"{verdict.Tag.Name} may release {verdict.Package} {verdict.Version} to {verdict.Channel}");
        session.Output.WriteLine($"  signed by   {verdict.Signer} on {verdict.Signer.Made:yyyy-MM-dd HH:mm}Z");
        session.Output.WriteLine($"  commit      {verdict.Commit}");
        session.Output.WriteLine($"  tag object  {verdict.Tag.Id}");
        session.Output.WriteLine($"  allow-list  {verdict.ListCommit}");
        session.Output.WriteLine($"  version     {files}");
        if (verdict.ConfinedTo is { } confinement)
        {
            session.Output.WriteLine($"  confined to {confinement}");
        }
    }

    /// <summary><c>{"schema","ok","tag":{"name","object","commit"},"package","version","channel","kinds","signer":{…},"maintainers":{"commit"},"versions":[…],"confinedTo"}</c>.</summary>
    private static void WriteJson(Session session, TagVerdict verdict) => session.WriteJson(json =>
    {
        json.WriteBoolean("ok", true);
        json.WriteStartObject("tag");
        json.WriteString("name", verdict.Tag.Name);
        json.WriteString("object", verdict.Tag.Id);
        json.WriteString("commit", verdict.Commit);
        json.WriteEndObject();
        json.WriteString("package", verdict.Package);
        json.WriteString("version", verdict.Version);
        json.WriteString("channel", verdict.Channel);
        json.WriteStrings("kinds", verdict.Kinds.Select(kind => kind is ReleaseKind.Source ? "source" : "binary"));
        json.WriteStartObject("signer");
        json.WriteString("name", verdict.Signer.Maintainer.Name);
        json.WriteString("fingerprint", verdict.Signer.Maintainer.Key.Id);
        json.WriteString("key", verdict.Signer.SigningKey);
        json.WriteTime("made", verdict.Signer.Made);
        json.WriteEndObject();
        json.WriteStartObject("maintainers");
        json.WriteString("commit", verdict.ListCommit);
        json.WriteEndObject();
        json.WriteItems("versions", verdict.Claims, claim =>
        {
            json.WriteString("file", claim.Position.File);
            json.WriteNumber("line", claim.Position.Line);
            json.WriteString("version", claim.Version);
        });
        json.WriteString("confinedTo", verdict.ConfinedTo);
    });
}
