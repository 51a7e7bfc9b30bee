using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>How much a finding weighs.</summary>
public enum KeyFindingLevel
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>Some clients, or some commands, will say no.</summary>
    Warning,

    /// <summary>The key is not to be used as it is.</summary>
    Failure,
}

/// <summary>One thing that stands against a key.</summary>
/// <param name="Id">A word for scripts, such as <c>expires-soon</c>.</param>
/// <param name="Level">How much it weighs.</param>
/// <param name="Fingerprint">The key or subkey that it is about.</param>
/// <param name="Text">The end of a sentence about it.</param>
public sealed record KeyFinding(string Id, KeyFindingLevel Level, string Fingerprint, string Text)
{
    /// <summary>The clients that will refuse; none when everybody will, or nobody.</summary>
    public ImmutableArray<string> Clients { get; init; } = [];

    /// <summary>What to do.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>As a sentence.</summary>
    public override string ToString() => $"{Fingerprint} {Text}{(Clients.IsEmpty ? "" : $"; refused by {string.Join(", ", Clients)}")}.{(Remedy.Length is 0 ? "" : " " + Remedy)}";
}
