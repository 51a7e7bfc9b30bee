namespace DotnetRelease.Lockfiles;

/// <summary>URLs in locks: they are shown in messages and may be fetched, so that they may hold no password and name a host that everybody reads alike.</summary>
internal static class LockedPlace
{
    /// <summary>Why a place is refused, as the end of a sentence about it and without repeating a secret; null for a good one.</summary>
    public static string? Refuse(string place)
    {
        if (place.Any(char.IsControl))
        {
            return "has a control character.";
        }

        var scheme = place.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return null;
        }

        var rest = place[(scheme + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#', '\\']);
        var authority = end < 0 ? rest : rest[..end];
        var at = authority.LastIndexOf('@');
        if (at >= 0 && (IsWeb(place) || authority[..at].Contains(':', StringComparison.Ordinal)))
        {
            return $"is a URL with user info, {place[..scheme]}://…@{LockedValues.Shown(authority[(at + 1)..])}; a lock is no place for credentials.";
        }

        return IsWeb(place) && !IsHost(authority) ? $"names the host '{LockedValues.Shown(authority)}', which is none of letters, digits, dots and dashes." : null;
    }

    private static bool IsWeb(string place) =>
        place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || place.StartsWith("git+http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("git+https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A name or an address, with a port or without.</summary>
    private static bool IsHost(string authority)
    {
        var colon = authority.EndsWith(']') ? -1 : authority.LastIndexOf(':');
        var (host, port) = colon < 0 ? (authority, "") : (authority[..colon], authority[(colon + 1)..]);
        return host.Length > 0 && port.All(char.IsAsciiDigit)
            && (host is ['[', .. var address, ']'] ? SafeName.IsPlain(address, ":.") : SafeName.IsPlain(host, ".-"));
    }
}
