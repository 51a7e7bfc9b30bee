namespace DotnetRelease.Lockfiles;

/// <summary>What two states of a lock tell without knowing anything else.</summary>
internal static class LockAlarms
{
    /// <summary>Of the lock as a whole: another tool, or an older version of the same one, wrote it.</summary>
    public static IEnumerable<Alarm> OfFormats(Lockfile? before, Lockfile? after)
    {
        if (before is null || after is null)
        {
            yield break;
        }

        var at = new SourcePosition(after.Path);
        if (!string.Equals(before.Format, after.Format, StringComparison.Ordinal))
        {
            yield return new(AlarmKind.FormatChanged, null, at, $"the format changed from {before.Format} to {after.Format}.");
        }
        else if (PythonVersion.Compare(before.FormatVersion, after.FormatVersion) > 0)
        {
            yield return new(
                AlarmKind.LockOlder, null, at, $"the lock-version went down from {before.FormatVersion} to {after.FormatVersion}; an older {after.Format} wrote it.");
        }
        else if (before.Generator is { } old && after.Generator is { } now && PythonVersion.Compare(old, now) > 0)
        {
            yield return new(
                AlarmKind.LockOlder, null, at, $"an older {after.Format} wrote it: {(after.Format is "uv" ? "revision " : "")}{now}, where {old} wrote the lock before.");
        }
    }

    /// <summary>Of one package that is not the same in both.</summary>
    /// <param name="package">Both sides of it.</param>
    /// <param name="change">The difference.</param>
    /// <param name="isSameFormat">Only then sources and lists of files mean the same on both sides.</param>
    public static IEnumerable<Alarm> Of(LockSides package, LockChange change, bool isSameFormat) =>
    [
        .. OfDigests(change),
        .. OfNamelessDigests(package),
        .. OfWeakerDigests(package),
        .. OfLostDigests(package),
        .. isSameFormat ? OfLostFiles(package) : [],
        .. isSameFormat ? SourceAlarms.Of(package) : [],
        .. change.Kind is LockChangeKind.Downgraded ? [OfDowngrade(package, change)] : (Alarm[])[],
    ];

    /// <summary>A published file never changes. When its digest does, somebody replaced it or the lock was tampered with.</summary>
    private static IEnumerable<Alarm> OfDigests(LockChange change) => change.Files.Rehashed.Select(file => new Alarm(
        AlarmKind.FileRehashed,
        change.Name,
        file.New.Position,
        $"{change.Name}: {file.Name} has the digest {file.New.Digest.Hex}, but had {file.Old.Digest.Hex} at {file.Old.Position}. "
            + "A published file never changes: compare with the project's own announcement before building.")
    {
        File = file.Name,
    });

    /// <summary>Where files have no names: a version that stayed keeps at least one of its digests, unless it is no longer what it was.</summary>
    private static IEnumerable<Alarm> OfNamelessDigests(LockSides package) =>
        from now in package.New
        where !now.NamelessDigests.IsEmpty
        let before = package.Old.Where(old => string.Equals(old.Version, now.Version, StringComparison.Ordinal) && !old.NamelessDigests.IsEmpty).ToList()
        where before.Count > 0 && !before.Exists(old => old.NamelessDigests.Intersect(now.NamelessDigests).Any())
            && before.Exists(old => old.NamelessDigests.Any(digest => now.NamelessDigests.Any(other => other.Kind == digest.Kind)))
        select new Alarm(
            AlarmKind.FileRehashed,
            now.Name,
            now.Position,
            $"{now.Name} {now.Version} has none of the digests that it had at {before[0].Position}. A published file never changes: compare with the project's own announcement before building.")
        {
            Version = now.Version,
        };

    /// <summary>A kind of digest that is easier to forge, for a file that had a better one.</summary>
    private static IEnumerable<Alarm> OfWeakerDigests(LockSides package) =>
        from now in package.New
        from file in now.Files
        let before = package.Old.SelectMany(old => old.Files).Where(old => string.Equals(old.Name, file.Name, StringComparison.Ordinal)).ToList()
        where before.Count > 0 && before.TrueForAll(old => file.Digest.IsWeakerThan(old.Digest))
        select new Alarm(
            AlarmKind.DigestWeaker, now.Name, file.Position, $"{now.Name}: {file.Name} is proven by {file.Digest.KindWord} only, but was by {before[0].Digest.KindWord} at {before[0].Position}.")
        {
            Version = now.Version,
            File = file.Name,
        };

    private static IEnumerable<Alarm> OfLostDigests(LockSides package) => !package.Old.Exists(HasDigest)
        ? []
        : from now in package.New
          where now.Source.Kind is LockedSourceKind.Index && !HasDigest(now)
          select new Alarm(AlarmKind.DigestsGone, now.Name, now.Position, $"{now.Name} {now.Version} has no digest any more; nothing could prove a download.")
          {
              Version = now.Version,
          };

    private static bool HasDigest(LockedPackage package) => !package.Files.IsEmpty || !package.NamelessDigests.IsEmpty;

    private static IEnumerable<Alarm> OfLostFiles(LockSides package)
    {
        foreach (var now in package.New.Where(now => !now.Files.IsEmpty))
        {
            var kept = now.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
            var lost = package.Old.Where(old => string.Equals(old.Version, now.Version, StringComparison.Ordinal) && old.Source == now.Source)
                .SelectMany(old => old.Files)
                .Select(file => file.Name)
                .Where(name => !kept.Contains(name))
                .Order(StringComparer.Ordinal)
                .ToList();
            if (lost.Count > 0)
            {
                yield return new(
                    AlarmKind.FilesGone,
                    now.Name,
                    now.Position,
                    $"{now.Name} {now.Version} no longer has {Shown(lost)}. Its publisher withdrew them, or the lock was written for fewer machines.")
                {
                    Version = now.Version,
                    File = lost is [var only] ? only : null,
                };
            }
        }
    }

    private static Alarm OfDowngrade(LockSides package, LockChange change)
    {
        var newest = package.New.First(now => string.Equals(now.Version, change.New[^1], StringComparison.Ordinal));
        return new(
            AlarmKind.Downgrade,
            change.Name,
            newest.Position,
            $"{change.Name} went from {string.Join(" and ", change.Old)} down to {string.Join(" and ", change.New)}.")
        {
            Version = newest.Version,
        };
    }

    private static string Shown(List<string> names)
    {
        const int enough = 3;
        return names.Count <= enough ? string.Join(", ", names) : $"{string.Join(", ", names.Take(enough))} and {names.Count - enough} more files";
    }
}
