using System.Text.Json;
using DotnetRelease.Runs.Shipping;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary>What <c>ship</c> tells about a release.</summary>
internal static class ShipOutput
{
    public static void Show(Session session, ShipResult result)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, result));
            return;
        }

        var plan = result.Plan;
        session.Output.WriteLine(result.WasDone
            ? $"{plan.Tag.Name} is already released: nothing to do."
            : $"{plan.Settings.Project.Name} {plan.Tag.Version}, tag {plan.Tag.Name}, plan {plan.ShortDigest}");
        var table = new TextTable("step", "state", "what, or why not");
        foreach (var step in result.Steps)
        {
            var lines = step.Why.Split('\n');
            table.Add(step.Name, step.State, lines[0].Length > 0 ? lines[0] : step.Time > TimeSpan.Zero ? $"{step.Time.TotalSeconds:0.0} s" : "");
            foreach (var line in lines.Skip(1))
            {
                table.Add("", "", line);
            }
        }

        table.WriteTo(session.Output, session.Color);
    }

    /// <summary><c>{"schema","tag","version","commit","plan","done","steps":[{"name","state","why","seconds"}]}</c>.</summary>
    private static void Write(Utf8JsonWriter json, ShipResult result)
    {
        json.WriteString("tag", result.Plan.Tag.Name);
        json.WriteString("version", result.Plan.Tag.Version);
        json.WriteString("commit", result.Plan.Tag.Commit);
        json.WriteString("plan", result.Plan.Digest.Hex);
        json.WriteBoolean("done", result.WasDone);
        json.WriteItems("steps", result.Steps, step =>
        {
            json.WriteString("name", step.Name);
            json.WriteString("state", step.State);
            json.WriteStrings("actions", step.State is "would" ? step.Why.Split('\n', StringSplitOptions.RemoveEmptyEntries) : []);
            json.WriteString("why", step.State is "would" ? "" : step.Why);
            json.WriteNumber("seconds", Math.Round(step.Time.TotalSeconds, 3));
        });
    }
}
