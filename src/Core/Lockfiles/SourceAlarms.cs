namespace DotnetRelease.Lockfiles;

/// <summary>A package that comes from another place than before. Nothing on the new place was ever looked at by those who trusted the old one.</summary>
internal static class SourceAlarms
{
    public static IEnumerable<Alarm> Of(LockSides package)
    {
        foreach (var now in package.New)
        {
            var same = package.Old.FindAll(old => string.Equals(old.Version, now.Version, StringComparison.Ordinal));
            var before = same.Count > 0 ? same : package.Old;
            if (before.Count > 0 && !before.Exists(old => IsSame(old, now)))
            {
                yield return new(
                    before[0].Source.Kind is LockedSourceKind.Index && now.Source.Kind is not LockedSourceKind.Index ? AlarmKind.SourceLeftIndex : AlarmKind.SourceMoved,
                    now.Name,
                    now.Position,
                    $"{now.Name} {now.Version} comes from {Shown(now.Source)}, but came from {Shown(before[0].Source)}.")
                {
                    Version = now.Version,
                };
            }
        }
    }

    /// <summary>The same version has to come from exactly the same place; a newer one is another commit or archive there.</summary>
    private static bool IsSame(LockedPackage old, LockedPackage now) => string.Equals(old.Version, now.Version, StringComparison.Ordinal)
        ? old.Source == now.Source
        : old.Source.Kind == now.Source.Kind && string.Equals(PlaceOf(old.Source), PlaceOf(now.Source), StringComparison.Ordinal);

    /// <summary>Whoever wrote the lock wrote this, too.</summary>
    private static string Shown(LockedSource source) => LockedValues.Shown(source.ToString());

    private static string PlaceOf(LockedSource source) => source.Kind switch
    {
        LockedSourceKind.Index => source.Location,
        LockedSourceKind.Git => source.Location.Split('#', '?')[0],
        LockedSourceKind.Url => Uri.TryCreate(source.Location, UriKind.Absolute, out var url) ? url.IdnHost : source.Location,
        _ => "",
    };
}
