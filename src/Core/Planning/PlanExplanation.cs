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
    public string ToJson() => JsonText.Of(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        WriteArray(json, "rpms", Rpms, Write);
        WriteArray(json, "skipped", Skipped, (writer, step) =>
        {
            writer.WriteString("name", step.Name);
            writer.WriteString("why", step.Why);
        });
        json.WriteEndObject();
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
        WriteArray(json, "targets", rpm.Rpm.Targets, (writer, target) =>
        {
            writer.WriteString("name", target.Name);
            writer.WriteString("arch", target.Arch);
            writer.WriteString("state", PlanJson.WordOf(target.State));
            writer.WriteString("why", target.Why);
        });
        WriteArray(json, "sources", rpm.Sources, (writer, source) =>
        {
            writer.WriteString("file", source.File);
            writer.WriteStrings("targets", source.Targets);
            writer.WriteString("why", source.Why);
        });
        WriteArray(json, "requires", rpm.Requirements, Write);
        WriteArray(json, "distros", rpm.Offers, (writer, offer) =>
        {
            writer.WriteString("target", offer.Target);
            writer.WriteString("arch", offer.Arch);
            writer.WriteString("state", offer.State);
            writer.WriteString("why", offer.Why);
        });
    }

    private static void Write(Utf8JsonWriter json, ExplainedRequirement requirement)
    {
        var (name, constraint, at) = requirement.Dependency;
        json.WriteString("package", name);
        json.WriteString("constraint", constraint);
        json.WriteString("marker", requirement.Dependency.Marker);
        json.WriteString("file", at.File);
        json.WriteNumber("line", at.Line);
        json.WriteNumber("column", at.Column);
        json.WriteString("requires", requirement.Requires);
        json.WriteString("upper", requirement.Dependency.Bounds?.Upper);
        json.WriteStrings("locked", requirement.Locked);
        json.WriteStrings("allowed", requirement.Allowed);
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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
