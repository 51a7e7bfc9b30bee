using System.Collections.Immutable;
using System.Globalization;

namespace DotnetRelease.Specs;

/// <summary>
/// What a spec says when it is read for one distro and machine, as far as that can be said without running code. Lines under a condition
/// that is false there are left out; lines under a condition that cannot be decided stay, marked.
/// </summary>
public sealed class SpecReading
{
    internal SpecReading(SpecFacts facts, ImmutableArray<SpecTag> tags, ImmutableArray<SpecPackage> packages, MacroTable macros) =>
        (Facts, Tags, Packages, Macros) = (facts, tags, packages, macros);

    /// <summary>What it was read for.</summary>
    public SpecFacts Facts { get; }

    /// <summary>The tags of the main package, in the order of the file.</summary>
    public ImmutableArray<SpecTag> Tags { get; }

    /// <summary>The main package first, then the others in the order of the file.</summary>
    public ImmutableArray<SpecPackage> Packages { get; }

    /// <summary>The macros as they are at the end of the file.</summary>
    internal MacroTable Macros { get; }

    /// <summary>The <c>SourceN</c> lines.</summary>
    public ImmutableArray<SpecTag> Sources => [.. Tags.Where(tag => tag.Name is "Source")];

    /// <summary>The <c>PatchN</c> lines.</summary>
    public ImmutableArray<SpecTag> Patches => [.. Tags.Where(tag => tag.Name is "Patch")];

    /// <summary>
    /// The last tag of a name, which is the one that counts, or null. Where conditions that cannot be decided lead to different values, the
    /// tag is not complete: which one counts only rpm can say.
    /// </summary>
    public SpecTag? Find(string name)
    {
        var tags = Tags.Where(tag => string.Equals(tag.Name, name, StringComparison.Ordinal)).ToList();
        return tags is [.., var last] && tags.Exists(tag => tag.Applies is null && !string.Equals(tag.Value, last.Value, StringComparison.Ordinal))
            ? last with { IsComplete = false }
            : tags.LastOrDefault();
    }

    /// <summary>Expands a text as at the end of the spec.</summary>
    internal Expansion Expand(string text) => Macros.Expand(text);

    /// <summary>
    /// What a build for the machine gives, source package last. A macro that only rpm can expand stands as written (<c>%{?dist}</c>), anything
    /// that needs code as <c>%{…}</c>. Debug packages, which rpmbuild adds by itself, are not among them.
    /// </summary>
    /// <param name="arch">RPM's name of the machine.</param>
    /// <param name="version">The version that the build has to give where the spec computes it; null when nobody demands one.</param>
    public ImmutableArray<string> Nevras(string arch, string? version = null)
    {
        var main = Packages[0];
        var own = Find("Version");
        var wanted = own is { IsComplete: false } && version is not null ? version : own?.Value ?? "";
        var nevras = Packages
            .Where(package => package.HasFiles)
            .Select(package => Format(package, wanted, package.BuildArch ?? main.BuildArch ?? arch))
            .ToImmutableArray();
        return nevras.Add(Format(main, wanted, "src"));
    }

    private string Format(SpecPackage package, string mainVersion, string arch)
    {
        var epoch = package.Epoch ?? Find("Epoch")?.Value;
        var name = MacroSyntax.HideCode(package.Name);
        var version = MacroSyntax.HideCode(package.Version ?? mainVersion);
        var release = MacroSyntax.HideCode(package.Release ?? Find("Release")?.Value ?? "");
        return uint.TryParse(epoch ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Nevra(name, number, version, release, arch).ToString()
            : $"{name}-{MacroSyntax.HideCode(epoch!)}:{version}-{release}.{arch}";
    }
}
