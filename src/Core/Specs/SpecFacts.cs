using System.Collections.Immutable;

namespace DotnetRelease.Specs;

/// <summary>What is known about the distro a spec is read for. What is not known stays unexpanded; nothing is guessed.</summary>
public sealed record SpecFacts
{
    private static readonly string[] Families = ["fedora", "rhel", "centos", "suse_version", "sle_version", "mageia", "amzn"];

    private SpecFacts(ImmutableDictionary<string, string?> macros, string? arch) => (Macros, Arch) = (macros, arch);

    /// <summary>Nothing is known.</summary>
    public static SpecFacts None { get; } = new(ImmutableDictionary.Create<string, string?>(StringComparer.Ordinal), null);

    /// <summary>Macros with their values; null means known to be undefined.</summary>
    internal ImmutableDictionary<string, string?> Macros { get; }

    /// <summary>RPM's name of the machine, or null.</summary>
    public string? Arch { get; }

    /// <summary>The facts that a dist tag (<c>.fc43</c>, <c>.el9</c>) and a machine stand for; either may be null.</summary>
    public static SpecFacts For(string? dist, string? arch)
    {
        var macros = None.Macros;
        if (dist is not null)
        {
            macros = macros.Add("dist", dist);
        }

        // ".fc43" and ".el9" say which family macros exist; any other dist tag says nothing about them.
        var family = dist switch
        {
            _ when Number(dist, ".fc") is { } fedora => ("fedora", fedora),
            _ when Number(dist, ".el") is { } rhel => ("rhel", rhel),
            _ => ((string Name, string Value)?)null,
        };
        if (family is { } known)
        {
            foreach (var name in Families)
            {
                macros = macros.Add(name, string.Equals(name, known.Name, StringComparison.Ordinal) ? known.Value : null);
            }

            // CentOS Stream and the rebuilds share ".el9" and differ in %centos.
            macros = known.Name is "rhel" ? macros.Remove("centos") : macros;
        }

        return arch is null ? new(macros, null) : new(macros.Add("_arch", arch).Add("_target_cpu", arch), arch);
    }

    private static string? Number(string? dist, string prefix)
    {
        if (dist?.StartsWith(prefix, StringComparison.Ordinal) is not true)
        {
            return null;
        }

        var digits = new string([.. dist[prefix.Length..].TakeWhile(char.IsAsciiDigit)]);
        return digits.Length is 0 ? null : digits;
    }
}
