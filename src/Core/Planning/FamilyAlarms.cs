using DotnetRelease.Lockfiles;

namespace DotnetRelease.Planning;

/// <summary>
/// Packages that one RPM follows and that always had the same version are released together and work only together. A bump that moves some of
/// them and not the others gives an RPM that builds and crashes.
/// </summary>
internal static class FamilyAlarms
{
    public static IEnumerable<Alarm> Of(RpmSettings rpm, Lockfile before, Lockfile after)
    {
        var old = rpm.Follows.ToDictionary(name => name, name => Versions(before, name), StringComparer.Ordinal);
        var family = rpm.Follows.Where(name => old[name].Length > 0).ToList();
        if (family.Count < 2 || family.Exists(name => old[name] != old[family[0]]))
        {
            yield break;
        }

        var now = family.Select(name => (Name: name, Versions: Versions(after, name))).Where(member => member.Versions.Length > 0).ToList();
        if (now.Select(member => member.Versions).Distinct(StringComparer.Ordinal).Count() < 2)
        {
            yield break;
        }

        // Where most of them went is where the family is; the alarm is about who is missing there.
        var main = now.GroupBy(member => member.Versions, StringComparer.Ordinal).OrderByDescending(same => same.Count())
            .ThenByDescending(same => same.Any(member => member.Name == rpm.VersionOf)).First().Key;
        foreach (var (name, versions) in now.Where(member => member.Versions != main))
        {
            var others = now.Where(member => member.Versions == main).Select(member => member.Name);
            yield return new(
                AlarmKind.FamilyApart,
                name,
                after.Packages.First(package => package.Key == name).Position,
                $"{name} is {versions}, but {string.Join(", ", others)}, which {rpm.Name} follows too, {(others.Skip(1).Any() ? "are" : "is")} {main}; all were {old[name]} before.")
            {
                Version = versions,
            };
        }
    }

    private static string Versions(Lockfile file, string name) => string.Join(
        " and ", file.Packages.Where(package => package.Key == name).Select(package => package.Version).Distinct(StringComparer.Ordinal).Order(file.Ecosystem.Order));
}
