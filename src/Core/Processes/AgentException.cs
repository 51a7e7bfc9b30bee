using System.Globalization;

namespace DotnetRelease.Processes;

/// <summary>What gpg-agent said instead of signing.</summary>
/// <param name="code">libgpg-error's number without its source; 0 when the protocol was broken.</param>
/// <param name="words">The agent's own words.</param>
internal sealed class AgentException(int code, string words) : Exception(words)
{
    private const int CodeBits = 0xFFFF;

    /// <summary>Not supported, unknown command, forbidden: a restricted or very old agent, which gpg may still get along with.</summary>
    private static readonly int[] Foreign = [60, 69, 251, 275];

    /// <summary>Whether it is worth while to ask gpg instead, because the agent does not do things this way.</summary>
    internal bool IsForeign => Foreign.Contains(code);

    /// <summary>Whether the agent just went away.</summary>
    internal bool IsEnd { get; init; }

    /// <summary>Reads <c>ERR NUMBER WORDS</c>.</summary>
    internal static AgentException Of(string line)
    {
        var words = line.Split(' ', 3);
        return new AgentException(
            words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number & CodeBits : 0,
            words.Length > 2 ? words[2] : line);
    }
}
