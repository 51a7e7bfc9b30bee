using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>Shows what would be or was done to a repository.</summary>
internal static class LifeOutput
{
    /// <summary><c>{"schema","repository","plan","actions":[]}</c>.</summary>
    public static void Show(Session session, LifePlan plan)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteString("repository", plan.Repository);
                json.WriteString("plan", plan.Id);
                json.WriteStrings("actions", plan.Actions);
            });
            return;
        }

        foreach (var action in plan.Actions)
        {
            session.Output.WriteLine(action);
        }

        session.Output.WriteLine(plan.IsEmpty ? "nothing to do" : $"plan {plan.Id}");
    }

    public static ExitCode Show(Session session, LifePlan plan, ImmutableArray<LifeResult> results)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, plan, results));
        }

        foreach (var (target, receipt, failure) in results)
        {
            if (failure is not null)
            {
                session.Reporter.Warning($"{target} failed: {failure.ToDiagnostic("repo")}");
            }
            else if (!session.Json)
            {
                Show(session, target, receipt!);
            }
        }

        if (plan.IsEmpty && !session.Json)
        {
            session.Output.WriteLine("nothing to do");
        }

        return results.Any(result => result.Failure is not null) ? ExitCode.Partial : ExitCode.Success;
    }

    private static void Show(Session session, RepositoryTarget target, LifeReceipt receipt)
    {
        foreach (var package in receipt.Packages)
        {
            session.Output.WriteLine($"{package.State} {package.Nevra} in {target}");
        }

        session.Output.WriteLine($"{(receipt.Changed ? "serving" : "still serving")} {receipt.Url} revision {receipt.Revision}, {receipt.Total} packages");
    }

    /// <summary>
    /// <c>{"schema","repository","plan","results":[{"target","url","state","revision","repomdSha256","packages":[{"nevra","sha256","state"}],"error","text"}]}</c>.
    /// </summary>
    private static void Write(Utf8JsonWriter json, LifePlan plan, ImmutableArray<LifeResult> results)
    {
        json.WriteString("repository", plan.Repository);
        json.WriteString("plan", plan.Id);
        json.WriteItems("results", results, result =>
        {
            var (target, receipt, failure) = result;
            json.WriteString("target", target.Target.Name);
            json.WriteString("url", target.Place.BaseUrl.AbsoluteUri);
            json.WriteString("state", failure is not null ? "failed" : receipt!.Changed ? "changed" : "unchanged");
            if (receipt is not null)
            {
                Write(json, receipt);
            }

            json.WriteFailure(failure);

        });
    }

    private static void Write(Utf8JsonWriter json, LifeReceipt receipt)
    {
        json.WriteNumber("revision", receipt.Revision);
        json.WriteString("repomdSha256", receipt.Repomd.Hex);
        json.WriteItems("packages", receipt.Packages, package =>
        {
            json.WriteString("nevra", package.Nevra.ToString());
            json.WriteString("sha256", package.Sha256.Hex);
            json.WriteString("state", package.State);
        });
    }
}
