using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Planning;

/// <summary>One digest over everything that goes into a build. Equal keys mean that building again would give the same.</summary>
internal static class InputsKey
{
    // Raised when a build of the same inputs is to give something else, for example with other macros.
    private const string Format = "dotnet-release build inputs 2";

    public static Digest Of(PlannedRpm rpm, Digest spec, TargetInputs target)
    {
        var text = new StringBuilder();
        Add(text, "format", Format);
        Add(text, "rpm", rpm.Name);
        Add(text, "spec", $"{Path.GetFileName(rpm.Spec)} {spec}");
        foreach (var source in rpm.Sources.OrderBy(source => source.File, StringComparer.Ordinal))
        {
            Add(text, "source", $"{source.File} {source.Digest}{(source.Also is { } also ? $" {also}" : "")}");
        }

        Add(text, "target", target.Settings.Name);
        Add(text, "arch", target.Arch);
        Add(text, "image", target.Image?.Digest.ToString() ?? "unknown");
        Add(text, "compression", target.Compression.Name);
        foreach (var command in target.Settings.Prepare)
        {
            Add(text, "prepare", command);
        }

        // What was kept went through exactly these commands.
        foreach (var command in target.Smoke ?? [])
        {
            Add(text, "smoke", command);
        }

        return Digest.Of(text.ToString());
    }

    // The length in front keeps two different lists of values from giving one text.
    private static void Add(StringBuilder text, string name, string value) =>
        text.Append(name).Append(' ').Append(value.Length).Append(' ').Append(value).Append('\n');
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
