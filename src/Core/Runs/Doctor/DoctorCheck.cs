namespace DotnetRelease.Runs.Doctor;

/// <summary>One piece of this machine that was tried.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Ok">Whether it works.</param>
/// <param name="Found">What was found: a version, a place, or why it does not work.</param>
public sealed record DoctorCheck(string Name, bool Ok, string Found)
{
    /// <summary>The line to type; empty when nothing is to be mended.</summary>
    public string Fix { get; private init; } = "";

    /// <summary>Whether commands fail without it; else it is of use to some projects only.</summary>
    public bool IsNeeded { get; init; } = true;

    /// <summary>The piece because of which it was not tried; null: it was.</summary>
    private string? Root { get; init; }

    /// <summary>Whether it stands against this machine.</summary>
    public bool IsFailure => IsNeeded && !Ok;

    internal static DoctorCheck Good(string name, string found) => new(name, true, found);

    internal static DoctorCheck Bad(string name, string found, string fix) => new(name, false, found) { Fix = fix };

    /// <summary>What a failure of Core says, in the form of a check.</summary>
    /// <param name="name">What was tried.</param>
    /// <param name="failure">What came back.</param>
    /// <param name="fix">The line to type, when that is known better than by the failure.</param>
    internal static DoctorCheck Bad(string name, ReleaseException failure, string? fix = null)
    {
        const string nothingLost = " Nothing was downloaded.", imperative = "Run: ";
        var (found, remedy) = (failure.Message.ReplaceLineEndings("; ").Replace(nothingLost, "", StringComparison.Ordinal), fix ?? failure.Remedy);
        return Bad(name, found.TrimEnd('.'), remedy.StartsWith(imperative, StringComparison.Ordinal) ? remedy[imperative.Length..] : remedy);
    }

    /// <summary>It stands on another piece, and that one fails, or is not tried for the same reason.</summary>
    internal static DoctorCheck NotTried(string name, DoctorCheck other)
    {
        var root = other.Root ?? other.Name;
        return Bad(name, $"not tried, because of {root}", $"first mend {root}") with { Root = root };
    }
}
