using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Containers;

/// <summary>
/// Which ids of this machine stand behind a container's ids. Container root is this user, or a powerless id when this user is root, and
/// the other ids are ones that belong to nobody, so that packages can own their files.
/// </summary>
/// <param name="Users">Ids behind the container's users.</param>
/// <param name="Groups">Ids behind the container's groups.</param>
/// <param name="Self">Our own user and group id when they stand behind container root; null: we are root and stay outside.</param>
internal sealed record IdMap(IdRange Users, IdRange Groups, (uint User, uint Group)? Self)
{
    private const int MostIds = 65_536;

    /// <summary>Real root has a range only where an administrator gave it one; these are the ids that container programs use by custom.</summary>
    private static readonly IdRange RootDefault = new(100_000, MostIds);

    /// <summary>How many ids the container has.</summary>
    internal int Count => (int)Math.Min(MostIds, Math.Min(Users.Count, Groups.Count) + (Self is null ? 0 : 1));

    /// <summary>Name of the store: files that were unpacked with one map are wrong under another.</summary>
    internal string StoreName => $"ids-{Self?.User ?? 0}-{Users.Start}-{Groups.Start}";

    /// <summary>The map for the user who runs us.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.IdRangeMissing"/>.</exception>
    internal static IdMap OfThisUser()
    {
        var (user, group) = (Identity.User, Identity.Group);

        // Looking up a name takes as long as all the rest, and this one is always the same.
        var name = user is 0 ? "root" : Environment.UserName;
        var users = IdRange.Find(Lines("/etc/subuid"), name, user);
        var groups = IdRange.Find(Lines("/etc/subgid"), name, user);
        if (user is 0)
        {
            return new IdMap(users ?? RootDefault, groups ?? RootDefault, null);
        }

        if (Exec.Find("newuidmap") is null || Exec.Find("newgidmap") is null)
        {
            throw new ReleaseException(Fault.IdRangeMissing, "newuidmap and newgidmap are not installed; a container needs them for its ids. Nothing was downloaded.")
            {
                Remedy = Prerequisites.InstallLine(ProgramPackage.IdMaps),
            };
        }

        return users is not null && groups is not null
            ? new IdMap(users, groups, (user, group))
            : throw new ReleaseException(
                Fault.IdRangeMissing,
                $"user '{name}' has no range of 65536 ids in {(users is null ? "/etc/subuid" : "/etc/subgid")}; a container needs them for its users. Nothing was downloaded.")
            {
                Remedy = $"Run: {SubordinateIds.FixLine()}",
            };
    }

    /// <summary>Lines for uid_map, as triples: id inside, id outside, count.</summary>
    internal IEnumerable<string> UserLines() => Lines(Users, Self?.User);

    /// <summary>Lines for gid_map.</summary>
    internal IEnumerable<string> GroupLines() => Lines(Groups, Self?.Group);

    private static IEnumerable<string> Lines(IdRange range, uint? self) =>
        self is null
            ? [$"0 {range.Start} {Math.Min(range.Count, MostIds)}"]
            : [$"0 {self} 1", $"1 {range.Start} {Math.Min(range.Count, MostIds - 1)}"];

    /// <summary>Without a reader of lines, which takes longer to load than the file to read; every container waits for this.</summary>
    private static string[] Lines(string file) => File.Exists(file) ? Encoding.UTF8.GetString(File.ReadAllBytes(file)).Split('\n') : [];
}
