using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>A plan with the reasons that its tables leave out, for the people who review a bump.</summary>
/// <param name="Rpms">One for each RPM of the plan.</param>
/// <param name="Skipped">What is not built, and why.</param>
public sealed record PlanExplanation(ImmutableArray<ExplainedRpm> Rpms, ImmutableArray<PlannedStep> Skipped)
{
    /// <summary>Explains a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="inputs">What it was made from.</param>
    /// <param name="dependencies">What the project asks of its dependencies.</param>
    /// <param name="offers">What distros have themselves; those that were not asked are missing.</param>
    public static PlanExplanation Of(
        ReleasePlan plan, PlanInputs inputs, ImmutableArray<ProjectDependency> dependencies, ImmutableArray<DistroOffer> offers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(inputs);
        var packages = inputs.Locks.SelectMany(pair => pair.New.Packages).ToImmutableArray();
        return new(
            [
                .. from rpm in plan.Rpms
                   let settings = inputs.Settings.Rpms.First(settings => settings.Name == rpm.Name)
                   let explained = Explain(rpm, settings, packages, dependencies)
                   select explained with
                   {
                       Offers =
                       [
                           .. from offer in offers
                              where rpm.Targets.Any(target => target.Name == offer.Target && target.Arch == offer.Arch)
                              select ExplainedOffer.Of(offer, rpm, settings, explained.Requirements),
                       ],
                   },
            ],
            [.. plan.Steps.Where(step => step.State is PlanSteps.Skipped)]);
    }

    /// <summary>
    /// <c>{"schema","rpms":[{"name","version","specVersion","reasons","targets":[{"name","arch","state","why"}],"sources":[{"file","targets","why"}],
    /// "requires":[{"package","constraint","marker","file","line","column","requires","upper","locked","allowed"}],
    /// "distros":[{"target","arch","state":"ships|older|none|unknown","why"}]}],"skipped":[{"name","why"}]}</c>; without distros that were asked,
    /// their list is empty.
    /// </summary>
    public string ToJson() => JsonText.OfDocument(json =>
    {
        json.WriteItems("rpms", Rpms, item => Write(json, item));
        json.WriteItems("skipped", Skipped, step =>
        {
            json.WriteString("name", step.Name);
            json.WriteString("why", step.Why);
        });
    });

    private static ExplainedRpm Explain(
        PlannedRpm rpm, RpmSettings settings, ImmutableArray<LockedPackage> packages, ImmutableArray<ProjectDependency> dependencies) => new(
            rpm,
            [.. rpm.Sources.Select(source => ExplainedSource.Of(source, rpm, packages))],
            [
                .. from dependency in dependencies
                   where settings.Follows.Contains(dependency.Name, StringComparer.Ordinal)
                   select new ExplainedRequirement(dependency, [.. packages.Where(package => package.Name == dependency.Name).Select(package => package.Version).Order(PythonVersion.Order)]),
            ]);

    private static void Write(Utf8JsonWriter json, ExplainedRpm rpm)
    {
        json.WriteString("name", rpm.Rpm.Name);
        json.WriteString("version", rpm.Rpm.Version);
        json.WriteString("specVersion", rpm.Rpm.SpecVersion);
        json.WriteStrings("reasons", rpm.Rpm.Reasons);
        json.WriteItems("targets", rpm.Rpm.Targets, target =>
        {
            json.WriteString("name", target.Name);
            json.WriteString("arch", target.Arch);
            json.WriteString("state", PlanJson.WordOf(target.State));
            json.WriteString("why", target.Why);
        });
        json.WriteItems("sources", rpm.Sources, source =>
        {
            json.WriteString("file", source.File);
            json.WriteStrings("targets", source.Targets);
            json.WriteString("why", source.Why);
        });
        json.WriteItems("requires", rpm.Requirements, item => Write(json, item));
        json.WriteItems("distros", rpm.Offers, offer =>
        {
            json.WriteString("target", offer.Target);
            json.WriteString("arch", offer.Arch);
            json.WriteString("state", offer.State);
            json.WriteString("why", offer.Why);
        });
    }

    private static void Write(Utf8JsonWriter json, ExplainedRequirement requirement)
    {
        var (name, constraint, at) = requirement.Dependency;
        json.WriteString("package", name);
        json.WriteString("constraint", constraint);
        json.WriteString("marker", requirement.Dependency.Marker);
        json.WritePosition(at);
        json.WriteString("requires", requirement.Requires);
        json.WriteString("upper", requirement.Dependency.Bounds?.Upper);
        json.WriteStrings("locked", requirement.Locked);
        json.WriteStrings("allowed", requirement.Allowed);
    }
}

/// <summary>One RPM of a plan with its reasons.</summary>
/// <param name="Rpm">As planned.</param>
/// <param name="Sources">Why each source is this file.</param>
/// <param name="Requirements">What packages of the project will require of the packages that this RPM follows.</param>
public sealed record ExplainedRpm(PlannedRpm Rpm, ImmutableArray<ExplainedSource> Sources, ImmutableArray<ExplainedRequirement> Requirements)
{
    /// <summary>What the distros have themselves, as far as they were asked.</summary>
    public ImmutableArray<ExplainedOffer> Offers { get; init; } = [];
}
