using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>Which build root: the packages that are needed depend on all three.</summary>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Arch">The machine.</param>
/// <param name="Rpm">The settings' name of the RPM.</param>
public sealed record RootKey(string Target, string Arch, string Rpm)
{
    /// <summary>By target, then machine, then RPM, without regard to the user's language.</summary>
    public static IComparer<RootKey> Order { get; } = Comparer<RootKey>.Create((one, other) =>
        string.CompareOrdinal(one.Target, other.Target) is not 0 and var byTarget ? byTarget
        : string.CompareOrdinal(one.Arch, other.Arch) is not 0 and var byArch ? byArch
        : string.CompareOrdinal(one.Rpm, other.Rpm));

    /// <summary><c>python3-greeter on fedora-43 (x86_64)</c>.</summary>
    public override string ToString() => $"{Rpm} on {Target} ({Arch})";
}

/// <summary>
/// The part of <c>release.lock</c> about build roots. What the roots of one target have in common is written once, and below it what only
/// the root of one RPM has: one line for each package, so that a review sees which one changed.
/// </summary>
internal static class LockedRoots
{
    private const string Common = "common";
    private const string Own = "rpm";

    public static void Write(StringBuilder text, ImmutableSortedDictionary<RootKey, RootPackages> roots)
    {
        foreach (var target in roots.GroupBy(root => (root.Key.Target, root.Key.Arch)))
        {
            var name = $"roots.{PinText.Key(target.Key.Target)}.{PinText.Key(target.Key.Arch)}";
            var common = target.Select(root => root.Value.All.AsEnumerable()).Aggregate((some, more) => some.Intersect(more)).ToHashSet();
            WriteTable(text, $"{name}.{Common}", RootPackages.Of(common));
            foreach (var (key, packages) in target)
            {
                WriteTable(text, $"{name}.{Own}.{PinText.Key(key.Rpm)}", RootPackages.Of(packages.All.Where(package => !common.Contains(package))));
            }
        }
    }

    public static ImmutableSortedDictionary<RootKey, RootPackages> Read(TomlTable? roots)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<RootKey, RootPackages>(RootKey.Order);
        foreach (var target in roots?.Entries ?? [])
        {
            foreach (var arch in target.Value.AsTable().Entries)
            {
                var table = arch.Value.AsTable();
                SettingsKeys.RefuseUnknown(table, [Common, Own]);
                var common = ReadTable(table.OptionalTable(Common)).ToList();
                foreach (var rpm in table.OptionalTable(Own)?.Entries ?? [])
                {
                    found[new(target.Key, arch.Key, rpm.Key)] = RootPackages.Of(common.Concat(ReadTable(rpm.Value.AsTable())));
                }
            }
        }

        return found.ToImmutable();
    }

    private static void WriteTable(StringBuilder text, string name, RootPackages packages)
    {
        text.Append("\n[").Append(name).Append("]\n");
        foreach (var package in packages.All)
        {
            text.Append(PinText.Quoted(package.ToString())).Append(" = \"").Append(package.Header?.ToString()).Append("\"\n");
        }
    }

    private static IEnumerable<RootPackage> ReadTable(TomlTable? table) => (table?.Entries ?? []).Select(entry =>
        !Nevra.TryParse(entry.Key, out var nevra) ? throw entry.Value.Invalid("is no package: its key must be NAME-VERSION-RELEASE.ARCH.")
        : entry.Value.AsText() is "" ? new RootPackage(nevra, null)
        : new RootPackage(nevra, PinText.DigestOf(entry.Value)));
}
