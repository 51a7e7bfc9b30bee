namespace DotnetRelease;

/// <summary>An alarm that went off.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Package">The locked package, normalised, or the RPM; null when it is about a lock as a whole.</param>
/// <param name="Position">Where the newer lock says it, or the spec of the RPM.</param>
/// <param name="Text">What is wrong, in full sentences, without the position.</param>
public sealed record Alarm(AlarmKind Kind, string? Package, SourcePosition Position, string Text)
{
    /// <summary>The version that it is about, or null.</summary>
    public string? Version { get; init; }

    /// <summary>The one file that it is about, or null.</summary>
    public string? File { get; init; }

    /// <summary>Why a person accepted it; null when nobody did.</summary>
    public string? Accepted { get; init; }

    /// <summary>Whether nothing may be built because of it.</summary>
    public bool Refuses => Kind.Severity is AlarmSeverity.Error && Accepted is null;

    /// <summary>The text behind its position.</summary>
    public string Sentence => $"{Position}: {Text}";
}
