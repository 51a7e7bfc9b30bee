using DotnetRelease.Metadata;
using DotnetRelease.Storage;

namespace DotnetRelease.Repositories;

/// <summary>
/// The metadata files that were served before. A client that has read the old repomd.xml asks for them minutes, behind a cache days
/// later; so they stay for 48 hours after they were last named. The time of a file says when that was.
/// </summary>
/// <param name="Served">What is served until now, or null.</param>
/// <param name="Next">What will be served.</param>
/// <param name="Now">The present.</param>
internal sealed record OldMetadata(Repomd? Served, Repomd Next, DateTimeOffset Now)
{
    internal static readonly TimeSpan Retention = TimeSpan.FromHours(48);

    /// <summary>Gives every file that is still wanted a second name in the new folder.</summary>
    internal void LinkInto(string folder, string live)
    {
        if (!Directory.Exists(live))
        {
            return;
        }

        var (served, next) = (NamesOf(Served), NamesOf(Next));
        foreach (var path in Directory.EnumerateFiles(live))
        {
            var name = Path.GetFileName(path);
            if (name is Repomd.FileName or Repomd.SignatureName || !IsWanted(path, served.Contains(name), next.Contains(name)))
            {
                continue;
            }

            Link(path, Path.Combine(folder, name));
            if (served.Contains(name) && !next.Contains(name))
            {
                File.SetLastWriteTimeUtc(Path.Combine(folder, name), Now.UtcDateTime);
            }
        }
    }

    /// <summary>What is served now was read and checked. An older file of a name that comes back was not; it is written again.</summary>
    private bool IsWanted(string path, bool served, bool next) =>
        served || (!next && File.GetLastWriteTimeUtc(path) >= (Now - Retention).UtcDateTime);

    private static HashSet<string> NamesOf(Repomd? repomd) =>
        repomd?.Entries.Select(entry => Path.GetFileName(entry.File.Location)).ToHashSet(StringComparer.Ordinal) ?? [];

    private static void Link(string existing, string name)
    {
        if (!Libc.TryLink(existing, name))
        {
            File.Copy(existing, name);
            Libc.Sync(name, folder: false);
        }
    }
}
