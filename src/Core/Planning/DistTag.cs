using System.Text.RegularExpressions;

namespace DotnetRelease.Planning;

/// <summary>What <c>%{?dist}</c> is on a target, as far as its names tell.</summary>
internal static partial class DistTag
{
    /// <summary>The setting, else what the target's name or its image's name says, else null: only the image knows.</summary>
    public static string? Of(TargetSettings target) => target.Dist ?? FromName(target.Name) ?? FromName(target.Image);

    private static string? FromName(string name)
    {
        // An image of one version may be named by digest; what stands behind '@' says nothing.
        if (Distro().Match(name.Split('@')[0]) is not { Success: true } match)
        {
            return null;
        }

        var version = match.Groups["version"].Value;
        return match.Groups["name"].Value switch
        {
            "fedora" => ".fc" + version,

            // CentOS Stream 10 and the rebuilds of RHEL 10.1 all say ".el10".
            _ => ".el" + version,
        };
    }

    [GeneratedRegex(
        @"(^|[/-])(?<name>fedora|centos-stream|centos|rhel|ubi|almalinux|alma|rockylinux|rocky|oraclelinux)(/(ubi|stream))?[:-]?(stream)?(?<version>[0-9]+)(\.[0-9]+)?($|[:/_-])",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Distro();
}
