using System.Buffers.Text;
using System.Globalization;

namespace DotnetRelease.WheelFiles;

/// <summary>One line of a wheel's RECORD: a file, its digest and its size (PEP 376, PEP 427).</summary>
/// <param name="File">Path inside the wheel.</param>
/// <param name="Algorithm"><c>sha256</c>, <c>sha384</c> or <c>sha512</c>; null for a file that cannot have a digest, RECORD itself.</param>
/// <param name="Digest">Its bytes; empty without an algorithm.</param>
/// <param name="Size">Bytes; null when not said.</param>
internal sealed record WheelRecord(string File, string? Algorithm, byte[] Digest, long? Size)
{
    private static readonly Dictionary<string, int> Lengths = new(StringComparer.Ordinal) { ["sha256"] = 32, ["sha384"] = 48, ["sha512"] = 64 };

    /// <summary>Reads all lines.</summary>
    /// <param name="text">The file.</param>
    /// <param name="refuse">Makes the exception for a line that cannot be read.</param>
    public static List<WheelRecord> ReadAll(string text, Func<string, ReleaseException> refuse)
    {
        var records = new List<WheelRecord>();
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.Length > 0)
            {
                records.Add(Parse(line) ?? throw refuse($"line {number} of its RECORD is '{MemberName.Show(line)}', expected: path, sha256=digest (or sha384, sha512; base64url), size"));
            }
        }

        return records;
    }

    private static WheelRecord? Parse(string line)
    {
        if (Fields(line) is not [var file, var hash, var size] || (size.Length > 0 && !IsNumber(size)))
        {
            return null;
        }

        var bytes = size.Length > 0 ? long.Parse(size, CultureInfo.InvariantCulture) : (long?)null;
        if (hash.Length is 0)
        {
            return new(file, null, [], bytes);
        }

        var equals = hash.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && Lengths.TryGetValue(hash[..equals], out var length) && Decode(hash[(equals + 1)..], length) is { } digest
            ? new(file, hash[..equals], digest, bytes)
            : null;
    }

    private static bool IsNumber(string text) => text.Length < 18 && text.All(char.IsAsciiDigit);

    private static byte[]? Decode(string text, int length)
    {
        var digest = new byte[length];
        return Base64Url.IsValid(text) && Base64Url.GetMaxDecodedLength(text.Length) <= length + 2 && Base64Url.TryDecodeFromChars(text, digest, out var written) && written == length
            ? digest
            : null;
    }

    /// <summary>The fields of one line as Python's csv module writes them: quotes around a field with a comma or a quote, which is doubled.</summary>
    private static List<string> Fields(string line)
    {
        List<string> fields = [];
        for (var at = 0; at <= line.Length;)
        {
            if (at < line.Length && line[at] is '"')
            {
                var end = at + 1;
                while (end < line.Length && (line[end] is not '"' || (end + 1 < line.Length && line[end + 1] is '"')))
                {
                    end += line[end] is '"' ? 2 : 1;
                }

                if (end >= line.Length || (end + 1 < line.Length && line[end + 1] is not ','))
                {
                    return [];
                }

                fields.Add(line[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal));
                at = end + 2;
            }
            else
            {
                var comma = line.IndexOf(',', at);
                var end = comma < 0 ? line.Length : comma;
                fields.Add(line[at..end]);
                at = end + 1;
            }
        }

        return fields;
    }
}
