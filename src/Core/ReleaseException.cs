namespace DotnetRelease;

/// <summary>An expected failure: a <see cref="DotnetRelease.Fault"/> of the catalogue and what happened this time.</summary>
/// <param name="fault">What kind of failure it is; decides the exit code and the remedy.</param>
/// <param name="detail">What was attempted, on what, and what came back. One or more full sentences.</param>
/// <param name="position">Where in a text file the cause lies, when it lies in one.</param>
/// <param name="inner">The exception that was understood and translated, kept for <c>-v</c>.</param>
public sealed class ReleaseException(Fault fault, string detail, SourcePosition? position = null, Exception? inner = null)
    : Exception(detail, inner)
{
    /// <summary>The catalogue entry.</summary>
    public Fault Fault { get; } = fault;

    /// <summary>Where the cause lies, or null.</summary>
    public SourcePosition? Position { get; } = position;

    /// <summary>What to do about it: this failure's own advice when it has some, else the catalogue's.</summary>
    public string Remedy { get => field ?? Fault.Remedy; init; }

    /// <summary>The last lines of what failed, shown below the diagnostic and harmless to a terminal; null when there are none.</summary>
    public string? Transcript { get; init => field = value is null ? null : VisibleText.Of(value); }

    /// <summary>The line for stderr: <c>origin : error REL3002 : text</c> or <c>file(line,col): error REL1003: text</c>.</summary>
    /// <param name="origin">Name of the program or stage, used when no file is to blame.</param>
    public string ToDiagnostic(string origin) => Position is { } at
        ? $"{at}: error {Fault.Id}: {Text}"
        : $"{origin} : error {Fault.Id} : {Text}";

    /// <summary>Everything for stderr: the <see cref="ToDiagnostic">diagnostic</see> and below it the <see cref="Transcript"/>.</summary>
    /// <param name="origin">Name of the program or stage, used when no file is to blame.</param>
    public string ToReport(string origin) => Transcript is null ? ToDiagnostic(origin) : $"{ToDiagnostic(origin)}\n{Transcript}";

    private string Text => VisibleText.Of(Remedy.Length is 0 ? Message : $"{Message} {Remedy}");
}
