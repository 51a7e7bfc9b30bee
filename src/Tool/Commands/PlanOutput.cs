using DotnetRelease.Planning;
using DotnetRelease.Tool.Reporting;
using Spectre.Console;

namespace DotnetRelease.Tool.Commands;

/// <summary>What <c>plan</c> tells people.</summary>
internal static class PlanOutput
{
    /// <summary>The plan as tables.</summary>
    public static void Show(Session session, ReleasePlan plan)
    {
        foreach (var rpm in plan.Rpms)
        {
            Show(session, rpm);
        }

        session.Output.WriteLine("Steps");
        var steps = Session.NewTable("", "", "");
        steps.ShowHeaders = false;
        foreach (var step in plan.Steps)
        {
            steps.AddRow("  " + Markup.Escape(step.State), Markup.Escape(step.Name), Markup.Escape(step.Why));
        }

        session.WriteTable(steps);
    }

    /// <summary>The plan in words.</summary>
    public static Page ToPage(PlanExplanation explanation)
    {
        var page = new Page();
        if (explanation.Rpms.IsEmpty)
        {
            page.Heading("Nothing to build");
        }

        foreach (var explained in explanation.Rpms)
        {
            var (rpm, sources, requirements) = explained;
            page.Heading(Title(rpm));
            foreach (var reason in rpm.Reasons)
            {
                page.Line($"because {reason}");
            }

            page.Table(["target", "arch", "state", "why"], rpm.Targets.Select(target => (string[])[target.Name, target.Arch, Word(target.State), target.Why]));
            page.Table(["source", "for", "why this one"], sources.Select(source => (string[])[source.File, string.Join(", ", source.Targets), source.Why]));
            page.Table(
                ["pyproject.toml says", "an RPM of the project requires", "upper bound"],
                requirements.Select(each => (string[])
                [
                    $"{each.Dependency.Name} {each.Dependency.Constraint}{(each.Dependency.Marker is { } marker ? $" when {marker}" : "")} ({each.Dependency.Position})",
                    each.Requires ?? "?",
                    each.Sentence,
                ]));
            page.Table(
                ["distro", "state", "what it has itself"],
                explained.Offers.Select(offer => (string[])[$"{offer.Target} ({offer.Arch})", offer.State, offer.Why]),
                static row => row[1] switch
                {
                    "ships" => Tone.Good,
                    "unknown" => Tone.Doubtful,
                    _ => Tone.Plain,
                });
        }

        if (!explanation.Skipped.IsEmpty)
        {
            page.Heading("Not done").Table(["step", "why"], explanation.Skipped.Select(step => (string[])[step.Name, step.Why]));
        }

        return page;
    }

    private static void Show(Session session, PlannedRpm rpm)
    {
        session.Output.WriteLine(Title(rpm));
        foreach (var reason in rpm.Reasons)
        {
            session.Output.WriteLine($"  because {reason}");
        }

        var targets = Session.NewTable("  target", "arch", "state", "package", "image");
        foreach (var target in rpm.Targets)
        {
            targets.AddRow(
                "  " + Markup.Escape(target.Name),
                target.Arch,
                Word(target.State),
                Markup.Escape(target.Nevras.FirstOrDefault() ?? ""),
                Markup.Escape(target.ImageDigest is { } digest ? $"{target.Image} {digest}" : target.Image));
        }

        session.WriteTable(targets);
        var sources = Session.NewTable("  source", "digest", "known from");
        foreach (var source in rpm.Sources)
        {
            sources.AddRow("  " + Markup.Escape(source.File), source.Digest.Hex, Markup.Escape(source.Origin.ToString()));
        }

        if (!rpm.Sources.IsEmpty)
        {
            session.WriteTable(sources);
        }

        foreach (var source in rpm.Sources.Where(source => source.Sdist is not null))
        {
            session.Output.WriteLine($"  {source.File} is made from {source.Url}, by {source.Sdist}");
        }

        session.Output.WriteLine();
    }

    private static string Title(PlannedRpm rpm) => rpm.Version == rpm.SpecVersion
        ? $"{rpm.Name} {rpm.Version}"
        : $"{rpm.Name} {rpm.Version} (the spec has {rpm.SpecVersion})";

    private static string Word(TargetState state) => state is TargetState.Build ? "build" : "up to date";
}
