using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Planning;

/// <summary>Everything that goes into a build. Equal inputs mean that building again would give the same packages.</summary>
/// <param name="Parts">What it is, for example <c>spec</c> or <c>source greeter-1.1.whl</c> -> its digest or value.</param>
public sealed record BuildInputs(ImmutableSortedDictionary<string, string> Parts)
{
    /// <summary>
    /// Raised when a build of the same inputs is to give something else, for example with other macros. So a new release of the tool rebuilds
    /// what would come out different, and nothing else.
    /// </summary>
    private const string Way = "4";

    private const string WayPart = "way of building", SpecPart = "spec", ImagePart = "image";

    /// <summary>One digest over all parts.</summary>
    public Digest Key => Digest.Of(string.Concat(Parts.Select(part => Measured(part.Key) + Measured(part.Value))));

    internal static BuildInputs Of(PlannedRpm rpm, Digest spec, TargetInputs target, TargetResults results)
    {
        var parts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        parts[WayPart] = Way;
        parts["rpm"] = rpm.Name;
        parts["target"] = target.Settings.Name;
        parts["arch"] = target.Arch;
        parts[SpecPart] = $"{Path.GetFileName(rpm.Spec)} {spec}";
        parts[ImagePart] = target.Image?.Digest.ToString() ?? "unknown";
        parts["compression"] = target.Compression.Name;
        parts["prepare"] = string.Concat(target.Settings.Prepare.Select(Measured));
        if (target.Smoke is { } smoke)
        {
            // What was kept went through exactly these commands.
            parts["smoke"] = string.Concat(smoke.Select(Measured));
        }

        if (!results.Aside.IsEmpty)
        {
            parts["left to the first machine"] = string.Join(' ', results.Aside);
        }

        foreach (var source in rpm.Sources)
        {
            parts[$"source {source.File}"] = $"{source.Digest}{(source.Also is { } also ? $" {also}" : "")}";
        }

        return new(parts.ToImmutable());
    }

    /// <summary>What is other than it was, for a person: <c>the spec changed, source greeter-1.1.whl is new</c>.</summary>
    /// <param name="before">The parts of an earlier build; empty when nobody noted them.</param>
    internal string Difference(ImmutableSortedDictionary<string, string> before)
    {
        if (before.IsEmpty)
        {
            return "the inputs are not those of the last build";
        }

        var names = Parts.Keys.Union(before.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return string.Join(", ", names.Where(name => Parts.GetValueOrDefault(name) != before.GetValueOrDefault(name)).Select(name => Describe(name, before)));
    }

    private string Describe(string name, ImmutableSortedDictionary<string, string> before) => (Parts.GetValueOrDefault(name), before.GetValueOrDefault(name), name) switch
    {
        (_, _, WayPart) => "this release of the tool builds in another way",
        (null, _, _) => $"{name} is gone",
        (_, null, _) => $"{name} is new",
        (_, _, SpecPart or ImagePart) => $"the {name} changed",
        _ => $"{name} changed",
    };

    // The length in front keeps two different lists of values from giving one text.
    private static string Measured(string text) => string.Create(CultureInfo.InvariantCulture, $"{text.Length} {text}\n");
}

/// <summary>What a target contributes to a build.</summary>
/// <param name="Settings">From the settings file.</param>
/// <param name="Arch">One of its machines.</param>
/// <param name="Image">What its image is, or null in a dry run that may not ask.</param>
internal sealed record TargetInputs(TargetSettings Settings, string Arch, ImagePin? Image)
{
    /// <summary>Of the payloads.</summary>
    public PayloadCompression Compression { get; init; } = PayloadCompression.Default;

    /// <summary>What is run after the packages were installed.</summary>
    public ImmutableArray<string>? Smoke { get; init; }

    /// <summary>
    /// <see cref="RootPackages.Digest"/> of what is locked for the build root; null when nothing is. It is no part of the key: the first build
    /// finds out what it is.
    /// </summary>
    public Digest? Root { get; init; }
}
