namespace DotnetRelease.Containers;

/// <summary>Faults that the holder may report; they travel by id.</summary>
internal static class HolderFaults
{
    private static readonly Fault[] All =
    [
        Fault.Usage, Fault.WriteFailed, Fault.LockHeld, Fault.ImageMismatch, Fault.ImageMalformed, Fault.ImageUnsafe, Fault.IdRangeMissing, Fault.BuildResultWrong,
    ];

    internal static Fault Find(string id) => Array.Find(All, fault => string.Equals(fault.Id, id, StringComparison.Ordinal)) ?? Fault.ContainerFailed;
}
