using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DotnetRelease.Repositories;
using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo list</c>: what repositories hold.</summary>
internal static class RepoListCommand
{
    private const string Summary = """
        List the packages of a repository, target by target, with signer, size and date.

        Also the revisions one can roll back to, and when each distro ends.
        """;

    public static Command Create()
    {
        Argument<string?> name = new("name") { Description = "The repository of the settings (default: all of them).", Arity = ArgumentArity.ZeroOrOne };
        Option<string[]> targets = new("--target") { HelpName = "name", Description = "Only this target; repeatable." };
        return new Verb("list", Summary, "dotnet release repo list", "dotnet release repo list prod --target fedora-43 --json") { name, targets }.Does(async (parsed, session, ct) =>
        {
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            ImmutableArray<string?> names = parsed.GetValue(name) is { } one ? [one] : [.. workspace.Settings.Repositories.Select(repository => repository.Name)];
            List<(RepositoryTarget Target, RepositoryListing Listing)> found = [];
            foreach (var target in names.SelectMany(each => RepositoryTarget.Of(workspace, each, [.. parsed.GetValue(targets) ?? []])))
            {
                found.Add((target, await RepositoryListing.ReadAsync(target.Place, ct)));
            }

            Show(session, found);
            return ExitCode.Success;
        });
    }

    private static void Show(Session session, List<(RepositoryTarget Target, RepositoryListing Listing)> found)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, found));
            return;
        }

        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        foreach (var (target, listing) in found)
        {
            var end = target.Target.EndOfLife is { } day ? $"; {day.Say(today)}" : "";
            session.Output.WriteLine(listing.Revision is { } revision
                ? $"{target}  {listing.Url}  revision {revision}, {listing.Packages.Length} packages, signed by {listing.Signer}{end}"
                : $"{target}  {listing.Url}  no repository yet{end}");
            if (!listing.Packages.IsEmpty)
            {
                var table = new TextTable("  PACKAGE", "BYTES", "BUILT", "SIGNED BY");
                foreach (var package in listing.Packages)
                {
                    table.Add($"  {package.Nevra}", package.Size.ToString(CultureInfo.InvariantCulture), $"{package.Built:yyyy-MM-dd}", package.SignedBy ?? "nobody");
                }

                table.WriteTo(session.Output, session.Color);
            }

            foreach (var past in listing.Revisions.Skip(1))
            {
                session.Output.WriteLine($"  earlier: revision {past.Revision}, {past.Act} on {past.Time:yyyy-MM-dd}, {past.Packages} packages");
            }
        }
    }

    /// <summary>
    /// <c>{"schema","repositories":[{"name","target","url","revision","signer","vouchedFor","eol","packages":[{"nevra","name","version","arch","size","built","sha256","signer"}],"revisions":[{"revision","act","time","packages"}]}]}</c>.
    /// </summary>
    private static void Write(Utf8JsonWriter json, List<(RepositoryTarget Target, RepositoryListing Listing)> found)
    {
        json.WriteItems("repositories", found, each =>
        {
            var (target, listing) = each;
            json.WriteString("name", target.Repository.Name);
            json.WriteString("target", target.Target.Name);
            json.WriteString("url", listing.Url);
            json.WriteNumber("revision", listing.Revision);
            json.WriteString("signer", listing.Signer);
            json.WriteTime("vouchedFor", listing.VouchedFor);
            json.WriteString("eol", target.Target.Eol?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            WritePackages(json, listing);
            WriteRevisions(json, listing);
        });
    }

    private static void WritePackages(Utf8JsonWriter json, RepositoryListing listing)
    {
        json.WriteItems("packages", listing.Packages, package =>
        {
            var nevra = package.Nevra;
            json.WriteString("nevra", nevra.ToString());
            json.WriteString("name", nevra.Name);
            json.WriteString("version", nevra.Epoch is 0 ? $"{nevra.Version}-{nevra.Release}" : $"{nevra.Epoch}:{nevra.Version}-{nevra.Release}");
            json.WriteString("arch", nevra.Arch);
            json.WriteNumber("size", package.Size);
            json.WriteTime("built", package.Built);
            json.WriteString("sha256", package.Sha256.Hex);
            json.WriteString("signer", package.SignedBy);
        });
    }

    private static void WriteRevisions(Utf8JsonWriter json, RepositoryListing listing)
    {
        json.WriteItems("revisions", listing.Revisions, revision =>
        {
            json.WriteNumber("revision", revision.Revision);
            json.WriteString("act", revision.Act);
            json.WriteTime("time", revision.Time);
            json.WriteNumber("packages", revision.Packages);
        });
    }
}
