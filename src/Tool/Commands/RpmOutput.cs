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
            Console.Error.WriteLine(failure.Failure!.ToDiagnostic("dotnet-release"));
            if (failure.Failure.Transcript is { } transcript)
            {
                Console.Error.WriteLine(transcript);
            }
        }

        if (session.Json)
        {
            session.WriteJson(json => Write(json, results));
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

    private static void Write(Utf8JsonWriter json, ImmutableArray<RpmResult> results)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteStartArray("results");
        foreach (var result in results)
        {
            Write(json, result);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RpmResult result)
    {
        json.WriteStartObject();
        json.WriteString("rpm", result.Rpm);
        json.WriteString("target", result.Target);
        json.WriteString("arch", result.Arch);
        json.WriteString("state", result.State switch { RpmState.Built => "built", RpmState.UpToDate => "up-to-date", _ => "failed" });
        WriteReproducible(json, result);
        json.WriteStartArray("files");
        foreach (var (file, signature) in result.Files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("nevra", file.Nevra.ToString());
            json.WriteString("sha256", file.Sha256.Hex);
            json.WriteString("headerSha256", file.HeaderSha256.Hex);
            json.WriteString("signed", signature?.PrimaryFingerprint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteAlarms(result.Alarms);
        json.WriteString("log", result.Log);
        WriteError(json, result.Failure);
        WriteTimes(json, result.Times);
        json.WriteEndObject();
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
            json.WriteStartArray("differences");
            foreach (var line in result.Failure!.Transcript?.Split('\n') ?? [])
            {
                json.WriteStringValue(line);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteError(Utf8JsonWriter json, ReleaseException? failure)
    {
        if (failure is not null)
        {
            json.WriteStartObject("error");
            json.WriteString("id", failure.Fault.Id);
            json.WriteString("text", failure.Message);
            json.WriteString("remedy", failure.Remedy);
            json.WriteEndObject();
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
