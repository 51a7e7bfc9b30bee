using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>spec check</c>: tag, spec, lock and version files have one version.</summary>
internal static class SpecCheckCommand
{
    private const string Summary = """
        Compare the versions of tag, spec, lock and version files in the work tree.

        What 'tag verify' compares in a tagged commit, before anybody tags. Compared are the project with its version-files and every RPM of the
        settings with its spec and the lock that it follows: the version, and where that is right also the files of the Source lines, their
        digests, and whether %changelog has an entry for it. Writes nothing.
        """;

    public static Command Create()
    {
        Argument<string[]> names = new("name") { Description = "The project or RPMs of the settings (default: all).", Arity = ArgumentArity.ZeroOrMore };
        Option<string> tag = new("--tag") { HelpName = "name", Description = "A tag that is to be made: its version has to be in all files of its package." };

        return new Verb("check", Summary, "dotnet release spec check", "dotnet release spec check --tag v1.2.0", "dotnet release spec check python3-pyside6 --json")
        {
            names, tag,
        }
        .Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            var compared = await new SpecCheckRun(workspace).CompareAsync([.. parsed.GetValue(names) ?? []], parsed.GetValue(tag), ct);
            return Show(session, compared);
        });
    }

    private static ExitCode Show(Session session, ImmutableArray<VersionComparison> compared)
    {
        if (session.Json)
        {
            WriteJson(session, compared);
            return compared.All(each => each.IsFine) ? ExitCode.Success : Fault.TagVersionDiffers.Exit;
        }

        foreach (var package in compared)
        {
            session.Output.WriteLine($"{package.Package} {package.Version ?? "has no version here"}{(package.Tagged is null ? "" : " (tag)")}");
            foreach (var said in package.Claims)
            {
                session.Output.WriteLine($"  {(package.Others.Contains(said) ? "differs" : "ok     ")} {said.Version} in {said.Position}");
            }

            foreach (var lag in package.Lag)
            {
                session.Output.WriteLine($"  lags    {lag.What} in {package.Spec}({lag.Line}): {lag.AsLag}");
            }
        }

        // The first one ends the run, and the others are told so that an editor finds them too.
        ImmutableArray<ReleaseException> failures = [.. compared.SelectMany(package => package.Failures)];
        foreach (var failure in failures.Skip(1))
        {
            session.Reporter.Warning(failure.Message, failure.Position, failure.Fault.Id);
        }

        return failures is [var first, ..] ? throw first : ExitCode.Success;
    }

    /// <summary><c>{"schema","ok","packages":[{"name","version","ok","versions":[{"file","line","version","ok"}],"lag":[{"line","what","old","new"}]}]}</c>.</summary>
    private static void WriteJson(Session session, ImmutableArray<VersionComparison> compared) => session.WriteJson(json =>
    {
        json.WriteBoolean("ok", compared.All(each => each.IsFine));
        json.WriteItems("packages", compared, each =>
        {
            json.WriteString("name", each.Package);
            json.WriteString("version", each.Version);
            json.WriteBoolean("ok", each.IsFine);
            json.WriteItems("versions", each.Claims, claim =>
            {
                json.WriteString("file", claim.Position.File);
                json.WriteNumber("line", claim.Position.Line);
                json.WriteString("version", claim.Version);
                json.WriteBoolean("ok", !each.Others.Contains(claim));
            });
            json.WriteItems("lag", each.Lag, lag =>
            {
                json.WriteNumber("line", lag.Line);
                json.WriteString("what", lag.What);
                json.WriteString("old", lag.Old);
                json.WriteString("new", lag.IsMissing ? null : lag.New);
            });
        });
    });
}
