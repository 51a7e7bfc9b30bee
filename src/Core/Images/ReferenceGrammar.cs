using System.Net;

namespace DotnetRelease.Images;

/// <summary>
/// The normative grammar of names in registries (https://github.com/distribution/reference/blob/main/regexp.go), as code: every run of the
/// tool reads a reference, and a regular expression costs more than all the rest of it.
/// </summary>
internal static class ReferenceGrammar
{
    internal const int NameLimit = 255;
    private const int TagLimit = 128;
    private const int PortLimit = 65535;

    /// <summary>Host name, IPv4 address, or IPv6 address in brackets, and perhaps a port.</summary>
    internal static bool IsRegistry(string text)
    {
        var bracket = text.LastIndexOf(']');
        var colon = text.IndexOf(':', Math.Max(0, bracket));
        var host = colon < 0 ? text : text[..colon];
        return (colon < 0 || IsPort(text.AsSpan(colon + 1))) && (bracket < 0 ? IsHostName(host) : IsIPv6(host));
    }

    /// <summary>Parts of lower-case letters and digits, joined inside by <c>.</c>, <c>_</c>, <c>__</c> or many <c>-</c>, outside by <c>/</c>.</summary>
    internal static bool IsRepository(ReadOnlySpan<char> text)
    {
        if (text.Length > NameLimit)
        {
            return false;
        }

        while (true)
        {
            var slash = text.IndexOf('/');
            if (slash < 0)
            {
                return IsPart(text);
            }

            if (!IsPart(text[..slash]))
            {
                return false;
            }

            text = text[(slash + 1)..];
        }
    }

    /// <summary>Letters, digits, <c>_</c>, <c>.</c>, <c>-</c>; the last two not in front.</summary>
    internal static bool IsTag(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return text.Length is > 0 and <= TagLimit && text[0] is not ('.' or '-');
    }

    private static bool IsPart(ReadOnlySpan<char> part)
    {
        var at = 0;
        while (true)
        {
            var start = at;
            while (at < part.Length && (char.IsAsciiLetterLower(part[at]) || char.IsAsciiDigit(part[at])))
            {
                at++;
            }

            if (at == start)
            {
                return false;
            }

            if (at == part.Length)
            {
                return true;
            }

            var separator = part[at];
            var length = 1;
            while (at + length < part.Length && part[at + length] == separator)
            {
                length++;
            }

            if (separator is not '-' && !(separator is '.' && length is 1) && !(separator is '_' && length <= 2))
            {
                return false;
            }

            at += length;
        }
    }

    private static bool IsHostName(ReadOnlySpan<char> host)
    {
        var before = '.';
        foreach (var character in host)
        {
            var fits = character switch
            {
                '-' => before is not '.',
                '.' => before is not ('.' or '-'),
                _ => char.IsAsciiLetterOrDigit(character),
            };
            if (!fits)
            {
                return false;
            }

            before = character;
        }

        return host.Length is > 0 and <= NameLimit && before is not ('.' or '-');
    }

    private static bool IsIPv6(string host) => host is ['[', .. var address, ']'] && !address.Contains('%', StringComparison.Ordinal)
        && IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 5 && !text.ContainsAnyExceptInRange('0', '9') && int.Parse(text) <= PortLimit;
}
