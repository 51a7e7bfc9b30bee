using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>publish</c>: signed RPMs into the dnf repository.</summary>
internal static class PublishCommand
{
    private const string Summary = """
        Publish signed RPMs in the dnf repository.

        Without files: everything in dist/rpm/TARGET/ of every target. Each file must be signed by signing.key; nothing is touched before all of
        them are checked. Packages are copied first, metadata signed by the primary key is swapped in last, and the result is read back as a client
        reads it. A published file is never replaced: the same name with other bytes is refused. Source packages lie beside the binary ones.

        The repository may lie in a folder, on a server behind ssh, or in S3: its url says where. A dry run asks no network and no credentials.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> files = new("file") { Description = "A signed RPM; repeatable.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> to = new("--to") { HelpName = "name", Description = "The repository of the settings (default: the only one that is not promoted to)." };
        Option<bool> downgrade = new("--allow-downgrade") { Description = "Publish a version that is older than the published one." };
        Option<long?> revision = new("--revision") { HelpName = "n", Description = "Revision of the new metadata; must be above the served one (default: it follows from the packages)." };
        Option<string> maintainers = new("--maintainers") { HelpName = "rev", Description = "The revision whose maintainers.toml says what may go where (default: the protected branch)." };
        var secret = new KeyOptions();
        var dryRun = CommonOptions.DryRun();

        return new Verb("publish", Summary, "dotnet release publish", "dotnet release publish --to qa dist/rpm/fedora-43/*.rpm", "dotnet release publish --dry-run")
        {
            files, to, downgrade, revision, maintainers, secret.File, secret.Descriptor, secret.Passphrase, dryRun,
        }
        .Does(async (parsed, session, ct) =>
        {
            var isDry = parsed.GetValue(dryRun);
            using var access = isDry ? KeyAccess.OfUser : secret.Read(parsed, session);
            var workspace = await Workspace.OpenAsync(session.Folder, session.Config, ct);
            if (!isDry)
            {
                await EventOrigin.RequireTrustedAsync("publish", session.Folder, ct);
            }

            await using var home = await access.OpenAsync(ct);
            var run = new PublishRun(workspace, session.Reporter) { Gpg = home.Gpg };
            var options = new PublishOptions(parsed.GetValue(to), parsed.GetValue(downgrade))
            {
                Revision = parsed.GetValue(revision),
                Admission = new(parsed.GetValue(maintainers), null),
            };
            var jobs = await run.PrepareAsync([.. (parsed.GetValue(files) ?? []).Select(session.Resolve)], options, ct);
            if (isDry)
            {
                Show(session, await PublishRun.PreviewAsync(jobs, options, ct));
                return ExitCode.Success;
            }

            return Show(session, await run.PublishAsync(jobs, options, ct));
        });
    }

    private static void Show(Session session, ImmutableArray<string> actions)
    {
        if (!session.Json)
        {
            session.Output.WriteLine(string.Join('\n', actions));
            return;
        }

        session.WriteJson(json => json.WriteStrings("actions", actions));
    }

    private static ExitCode Show(Session session, ImmutableArray<PublishResult> results)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, results));
        }

        foreach (var result in results)
        {
            if (result.Failure is { } failure)
            {
                session.Reporter.Warning($"{result.Job.Target} failed: {failure.ToDiagnostic("publish")}");
            }
            else if (!session.Json)
            {
                Show(session, result.Job, result.Receipt!);
            }
        }

        return results.Any(result => result.Failure is not null) ? ExitCode.Partial : ExitCode.Success;
    }

    private static void Show(Session session, PublishJob job, Receipt receipt)
    {
        foreach (var package in receipt.Packages)
        {
            session.Output.WriteLine($"{(package.IsNew ? "published" : "already published")} {receipt.Folder.TrimEnd('/')}/{package.Location}");
        }

        session.Output.WriteLine(
            $"{(receipt.Changed ? "serving" : "still serving")} {job.Place.BaseUrl} revision {receipt.Revision}, {receipt.Total} packages, signed by {receipt.Signer}");
        if (receipt.Link is { } link)
        {
            session.Output.WriteLine($"next: {link}");
        }

        session.Output.WriteLine($"clients: {new Uri(job.Place.BaseUrl, job.Place.RepoName)} goes into /etc/yum.repos.d/");
    }

    /// <summary>
    /// <c>{"schema","results":[{"target","folder","url","state","revision","repomdSha256","signer","packages":[{"nevra","path","sha256","signer","state"}],"error"}]}</c>.
    /// </summary>
    private static void Write(Utf8JsonWriter json, ImmutableArray<PublishResult> results)
    {
        json.WriteItems("results", results, result =>
        {
            var (job, receipt, failure) = result;
            json.WriteString("target", job.Target);
            json.WriteString("folder", job.Place.Store.ToString());
            json.WriteString("url", job.Place.BaseUrl.AbsoluteUri);
            json.WriteString("state", failure is not null ? "failed" : receipt!.Changed ? "published" : "up-to-date");
            if (receipt is not null)
            {
                Write(json, receipt);
            }

            json.WriteFailure(failure);

        });
    }

    private static void Write(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteNumber("revision", receipt.Revision);
        json.WriteString("repomdSha256", receipt.RepomdDigest.Hex);
        json.WriteString("signer", receipt.Signer);
        if (receipt.Link is { } link)
        {
            json.WriteString("link", link);
        }

        json.WriteItems("packages", receipt.Packages, package =>
        {
            json.WriteString("nevra", package.Nevra.ToString());
            json.WriteString("path", package.Location);
            json.WriteString("sha256", package.Sha256.Hex);
            json.WriteString("signer", package.Signer);
            json.WriteString("state", package.IsNew ? "published" : "present");
        });
    }
}
