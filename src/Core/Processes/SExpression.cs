using System.Globalization;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// A canonical S-expression, as libgcrypt writes signatures: <c>(7:sig-val(3:rsa(1:s256:…)))</c>. Read only as far as needed: the
/// lists of a name and one value.
/// </summary>
internal static class SExpression
{
    private const int MaxDepth = 8;

    /// <summary>The value of each innermost list by its name; null when the bytes are no such expression.</summary>
    internal static Dictionary<string, byte[]>? TryReadPairs(ReadOnlySpan<byte> bytes)
    {
        var pairs = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        List<byte[]> atoms = [];
        var depth = 0;
        while (!bytes.IsEmpty)
        {
            switch (bytes[0])
            {
                case (byte)'(' when ++depth <= MaxDepth:
                    atoms.Clear();
                    bytes = bytes[1..];
                    break;
                case (byte)')' when --depth >= 0:
                    if (atoms is [var name, var value])
                    {
                        pairs[Encoding.ASCII.GetString(name)] = value;
                    }

                    atoms.Clear();
                    bytes = bytes[1..];
                    break;
                default:
                    if (TakeAtom(ref bytes) is not { } atom)
                    {
                        return null;
                    }

                    atoms.Add(atom);
                    break;
            }
        }

        return depth is 0 ? pairs : null;
    }

    private static byte[]? TakeAtom(ref ReadOnlySpan<byte> bytes)
    {
        var colon = bytes.IndexOf((byte)':');
        if (colon <= 0 || !int.TryParse(bytes[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > bytes.Length - colon - 1)
        {
            return null;
        }

        var atom = bytes.Slice(colon + 1, length).ToArray();
        bytes = bytes[(colon + 1 + length)..];
        return atom;
    }
}
