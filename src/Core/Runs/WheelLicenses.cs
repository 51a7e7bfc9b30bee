using System.Collections.Immutable;
using DotnetRelease.NewSpecs;
using DotnetRelease.Sources;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Runs;

/// <summary>What the wheels among the sources of a build say about their licences.</summary>
internal static class WheelLicenses
{
    /// <summary>SPDX expressions by file. A wheel that leaves a doubt is not among them: nobody looked at it.</summary>
    public static ImmutableDictionary<string, string> Of(ImmutableArray<VerifiedSource> sources)
    {
        var licenses = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var source in sources.Where(source => source.File.EndsWith(".whl", StringComparison.Ordinal)))
        {
            if (Read(source) is { Expression: { } expression, Doubt: null })
            {
                licenses[source.File] = expression;
            }
        }

        return licenses.ToImmutable();
    }

    // A file of this name that is no wheel can be packed all the same.
    private static SpdxLicense? Read(VerifiedSource source)
    {
        try
        {
            using var wheel = Wheel.Open(source.Path, source.File);
            return SpdxLicense.Of([WheelMetadata.Read(wheel)]);
        }
        catch (ReleaseException)
        {
            return null;
        }
    }
}
