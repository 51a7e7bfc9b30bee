namespace DotnetRelease.Lockfiles;

/// <summary>Differences that are no bump but that a person has to see.</summary>
internal static class LockDiffWarnings
{
    /// <summary>Another tool, or an older version of the same one, wrote the lock.</summary>
    public static List<string> OfFormats(Lockfile? before, Lockfile? after)
    {
        if (before is null || after is null)
        {
            return [];
        }

        if (!string.Equals(before.Format, after.Format, StringComparison.Ordinal))
        {
            return [$"{after.Path}: the format changed from {before.Format} to {after.Format}."];
        }

        return PythonVersion.Compare(before.FormatVersion, after.FormatVersion) > 0
            ? [$"{after.Path}: the lock-version went down from {before.FormatVersion} to {after.FormatVersion}; an older {after.Format} wrote it."]
            : [];
    }

    /// <summary>A published file never changes. When its digest does, somebody replaced it or the lock was tampered with.</summary>
    public static IEnumerable<string> OfFiles(LockChange change)
    {
        foreach (var file in change.Files.Rehashed)
        {
            yield return $"{file.New.Position}: {change.Name}: {file.Name} has the digest {file.New.Digest.Hex}, but had {file.Old.Digest.Hex} at {file.Old.Position}. "
                + "A published file never changes: compare with the project's own announcement before building.";
        }
    }

    /// <summary>The same version from another place.</summary>
    public static List<string> OfSources(LockSides package)
    {
        var warnings = new List<string>();
        foreach (var now in package.New)
        {
            var same = package.Old.FindAll(old => string.Equals(old.Version, now.Version, StringComparison.Ordinal));
            if (same.Count > 0 && !same.Exists(old => old.Source == now.Source))
            {
                warnings.Add($"{now.Position}: {now.Name} {now.Version} comes from {now.Source}, but came from {same[0].Source}.");
            }
        }

        return warnings;
    }
}
