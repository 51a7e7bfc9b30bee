using System.Text;
using System.Text.Encodings.Web;

namespace DotnetRelease;

/// <summary>The texts that betray a secret: itself, and what the usual encodings make of it.</summary>
internal static class SecretForms
{
    /// <summary>A shorter text is found in every second word; nobody can call it a secret.</summary>
    internal const int Shortest = 4;

    /// <summary>Below this a piece of base64 is a coincidence.</summary>
    private const int ShortestEncoded = 8;

    /// <summary>The forms of one secret; none for a text that is too short to be one.</summary>
    internal static IEnumerable<string> Of(string secret)
    {
        // A key or a token file has line ends, and a log shows its lines one by one.
        var lines = secret.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Append(secret.Trim()).Where(text => text.Length >= Shortest).SelectMany(OfText).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> OfText(string text)
    {
        yield return text;
        var escaped = Uri.EscapeDataString(text);
        yield return escaped;
        yield return escaped.Replace("%20", "+", StringComparison.Ordinal);
        yield return LowerEscapes(escaped);
        yield return JavaScriptEncoder.Default.Encode(text);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text);
        foreach (var encoded in Base64Of(Encoding.UTF8.GetBytes(text)))
        {
            yield return encoded;
            yield return encoded.Replace('+', '-').Replace('/', '_');
        }
    }

    private static string LowerEscapes(string escaped)
    {
        var text = escaped.ToCharArray();
        for (var at = escaped.IndexOf('%', StringComparison.Ordinal); at >= 0; at = escaped.IndexOf('%', at + 1))
        {
            text[at + 1] = char.ToLowerInvariant(text[at + 1]);
            text[at + 2] = char.ToLowerInvariant(text[at + 2]);
        }

        return new string(text);
    }

    /// <summary>
    /// The characters that do not depend on what stands before and behind the secret, for each place within a group of three bytes:
    /// <c>user:SECRET</c> of an Authorization header may begin at any of them.
    /// </summary>
    private static IEnumerable<string> Base64Of(byte[] secret)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var text = Convert.ToBase64String([.. new byte[offset], .. secret]);
            var start = ((offset * 8) + 5) / 6;
            var end = (offset + secret.Length) * 8 / 6;
            if (end - start >= ShortestEncoded)
            {
                yield return text[start..end];
            }
        }
    }
}
