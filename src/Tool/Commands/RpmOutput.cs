using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>What <c>rpm</c> tells about its results.</summary>
internal static class RpmOutput
{
    /// <summary>A dry run: the plan's steps.</summary>
    public static void ShowPlan(Session session, ReleasePlan plan)
    {
        if (session.Json)
        {
            session.WriteJson(json => PlanJson.Write(json, plan));
            return;
        }

        foreach (var step in plan.Steps)
        {
            session.Output.WriteLine($"would {step.State} {step.Name}: {step.Why}");
        }
    }

    /// <summary>The results, and how the run ended.</summary>
    public static ExitCode Show(Session session, ReleasePlan plan, ImmutableArray<RpmResult> results)
    {
        var failures = results.Where(result => result.Failure is not null).ToArray();
        foreach (var failure in failures)
        {
            Console.Error.WriteLine(failure.Failure!.ToReport(Door.Origin));
        }

        if (session.Json)
        {
            session.WriteJson(json => json.WriteItems("results", results, result => Write(json, result)));
        }
        else
        {
            Print(session, plan, results);
        }

        return failures switch
        {
            [] => ExitCode.Success,
            [var first, ..] when failures.Length == results.Length => first.Failure!.Fault.Exit,
            _ => ExitCode.Partial,
        };
    }

    private static void Print(Session session, ReleasePlan plan, ImmutableArray<RpmResult> results)
    {
        if (results.IsEmpty)
        {
            session.Output.WriteLine("Nothing to build.");
            foreach (var step in plan.Steps)
            {
                session.Output.WriteLine($"  {step.State} {step.Name}: {step.Why}");
            }
        }

        foreach (var result in results)
        {
            session.Output.WriteLine($"{result.Rpm} on {Place(plan, result)}: {Word(result.State)}{(result.IsReproducible ? ", the same when built again" : "")}{(result.Why.Length > 0 ? $" ({result.Why.TrimEnd('.')})" : "")}");
            foreach (var (file, signature) in result.Files)
            {
                var signer = signature is null ? "" : $"  signed by {signature.PrimaryFingerprint}";
                session.Output.WriteLine($"  {Path.GetRelativePath(session.Folder, file.Path)}  {file.Sha256.Hex}{signer}");
            }
        }
    }

    /// <summary>As the progress of the build called it: with the machine where the target has several.</summary>
    private static string Place(ReleasePlan plan, RpmResult result) =>
        plan.Rpms.Where(rpm => rpm.Name == result.Rpm).SelectMany(rpm => rpm.Targets).FirstOrDefault(target => target.Name == result.Target && target.Arch == result.Arch)?.ToString() ?? result.Target;

    private static void Write(Utf8JsonWriter json, RpmResult result)
    {
        json.WriteString("rpm", result.Rpm);
        json.WriteString("target", result.Target);
        json.WriteString("arch", result.Arch);
        json.WriteString("state", result.State switch { RpmState.Built => "built", RpmState.UpToDate => "up-to-date", _ => "failed" });
        WriteReproducible(json, result);
        json.WriteItems("files", result.Files, each => RpmJson.Write(json, each.File, each.Signature));
        json.WriteAlarms(result.Alarms);
        json.WriteString("log", result.Log);
        if (result.Failure is { } failure)
        {
            json.WriteError(failure);
        }

        WriteTimes(json, result.Times);
    }

    /// <summary>Nothing when nobody asked.</summary>
    private static void WriteReproducible(Utf8JsonWriter json, RpmResult result)
    {
        var isOther = result.Failure?.Fault == Fault.BuildNotReproducible;
        if (!isOther && !result.IsReproducible)
        {
            return;
        }

        json.WriteBoolean("reproducible", !isOther);
        if (isOther)
        {
            json.WriteStrings("differences", result.Failure!.Transcript?.Split('\n') ?? []);
        }
    }

    private static void WriteTimes(Utf8JsonWriter json, RpmTimes times)
    {
        json.WriteStartObject("seconds");
        WriteSeconds(json, "fetch", times.Fetch);
        WriteSeconds(json, "image", times.Image);
        WriteSeconds(json, "prepare", times.Build.Prepare);
        WriteSeconds(json, "build", times.Build.Build);
        WriteSeconds(json, "check", times.Build.Check);
        WriteSeconds(json, "sign", times.Sign);
        json.WriteEndObject();
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan time) => json.WriteNumber(name, Math.Round(time.TotalSeconds, 3));

    private static string Word(RpmState state) => state switch
    {
        RpmState.Built => "built",
        RpmState.UpToDate => "up to date",
        _ => "failed",
    };
}
