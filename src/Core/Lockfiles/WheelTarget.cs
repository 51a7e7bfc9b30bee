namespace DotnetRelease.Lockfiles;

/// <summary>The machine a wheel has to run on. What is null is not known and excludes nothing.</summary>
/// <param name="Arch">As RPM names it: <c>x86_64</c>, <c>aarch64</c>, <c>noarch</c>, ….</param>
public sealed record WheelTarget(string Arch)
{
    /// <summary>The Python it runs under, as in <c>cp312</c>: 3 and 12.</summary>
    public (int Major, int Minor)? Python { get; init; }

    /// <summary>The C library's version (glibc, or musl where <see cref="Musl"/> is set).</summary>
    public (int Major, int Minor)? Libc { get; init; }

    /// <summary>musl in place of glibc.</summary>
    public bool Musl { get; init; }

    /// <summary>
    /// The machine that a wheel was chosen for: what its successor has to fit as well. Null for a wheel that is not for Linux.
    /// </summary>
    public static WheelTarget? Of(WheelName wheel)
    {
        ArgumentNullException.ThrowIfNull(wheel);
        foreach (var tag in wheel.Platforms)
        {
            if (WheelPlatform.TryParse(tag) is { } platform)
            {
                return new WheelTarget(platform.Arch ?? "noarch") { Python = PythonOf(wheel), Musl = platform.Kind is WheelPlatformKind.Musl };
            }
        }

        return null;
    }

    /// <summary>
    /// The same with what is known of the machines it has to run on: the oldest C library, and the Python where all have the same one.
    /// Machines of another kind say nothing about it.
    /// </summary>
    public WheelTarget On(IEnumerable<WheelTarget> machines)
    {
        var same = machines.Where(machine => Arch is "noarch" || machine.Arch == Arch).ToList();
        var libcs = Musl ? [] : same.Where(machine => !machine.Musl).Select(machine => machine.Libc).OfType<(int, int)>().ToList();
        var pythons = same.Select(machine => machine.Python).Distinct().ToList();
        return this with { Libc = libcs is [] ? Libc : libcs.Min(), Python = pythons is [{ } only] ? only : Python };
    }

    // Only an ABI of one Python ("cp312-cp312") says which Python it was; abi3 and py3 run under later ones too.
    private static (int, int)? PythonOf(WheelName wheel) =>
        wheel.Abis is [var abi] && wheel.Pythons is [var python] && abi.StartsWith("cp", StringComparison.Ordinal)
            ? WheelTags.Python(python, "cp")
            : null;
}
