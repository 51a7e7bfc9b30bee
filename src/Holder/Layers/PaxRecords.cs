using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Holder.Layers;

/// <summary>The records of one pax extended header: <c>LENGTH KEY=VALUE\n</c>, where the length counts the whole record.</summary>
internal sealed class PaxRecords
{
    private const string AttributePrefix = "SCHILY.xattr.";

    /// <summary>A file in a file system of Linux has far fewer.</summary>
    private const int MostAttributes = 1000;

    private readonly List<(string Name, byte[] Value)> _attributes = [];

    internal byte[]? Path { get; private set; }

    internal byte[]? LinkPath { get; private set; }

    internal long? Size { get; private set; }

    internal long? User { get; private set; }

    internal long? Group { get; private set; }

    internal (long Seconds, long Nanoseconds)? Modified { get; private set; }

    /// <summary>Null: the file has no holes.</summary>
    internal PaxSparse? Sparse { get; private set; }

    internal ImmutableArray<(string Name, byte[] Value)> Attributes => [.. _attributes];

    internal static PaxRecords Parse(ReadOnlySpan<byte> bytes)
    {
        var records = new PaxRecords();
        while (!bytes.IsEmpty)
        {
            if (!Utf8Parser.TryParse(bytes, out int length, out var digits) || length <= digits + 1 || length > bytes.Length
                || bytes[digits] is not (byte)' ' || bytes[length - 1] is not (byte)'\n')
            {
                throw TarReader.Malformed("has an extended header with a wrong length");
            }

            records.Add(bytes[(digits + 1)..(length - 1)]);
            bytes = bytes[length..];
        }

        return records;
    }

    private void Add(ReadOnlySpan<byte> record)
    {
        var equals = record.IndexOf((byte)'=');
        if (equals <= 0)
        {
            throw TarReader.Malformed("has an extended header without '='");
        }

        var key = Encoding.UTF8.GetString(record[..equals]);
        var value = record[(equals + 1)..];
        if (value.IsEmpty && !key.StartsWith(AttributePrefix, StringComparison.Ordinal))
        {
            // An empty value takes a record of a global header back: what the header itself says counts.
            return;
        }

        switch (key)
        {
            case "path":
                Path = Name(value);
                break;
            case "linkpath":
                LinkPath = Name(value);
                break;
            case "size":
                Size = Number(value) is >= 0 and var size ? size : throw TarReader.Malformed("has an entry of negative size");
                break;
            case "uid":
                User = Number(value);
                break;
            case "gid":
                Group = Number(value);
                break;
            case "mtime":
                Modified = Time(value);
                break;
            case var _ when key.StartsWith(PaxSparse.Prefix, StringComparison.Ordinal):
                Sparse ??= new PaxSparse();
                Sparse.Add(key, value);
                break;
            case var _ when key.StartsWith(AttributePrefix, StringComparison.Ordinal):
                _attributes.Add((key[AttributePrefix.Length..], value.ToArray()));
                if (_attributes.Count > MostAttributes)
                {
                    throw TarReader.Malformed($"has a file with more than {MostAttributes} attributes");
                }

                break;
        }
    }

    internal static byte[] Name(ReadOnlySpan<byte> value) =>
        value.Contains((byte)0) ? throw TarReader.Malformed("has a name with a NUL in it") : value.ToArray();

    internal static long Number(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length
            ? number
            : throw TarReader.Malformed($"has an extended header with the number '{TarEntry.Show(value)}'");

    /// <summary>Seconds with an optional fraction of any length.</summary>
    private static (long Seconds, long Nanoseconds) Time(ReadOnlySpan<byte> value)
    {
        const int nanosecondDigits = 9;
        var dot = value.IndexOf((byte)'.');
        if (dot < 0)
        {
            return (Number(value), 0);
        }

        var fraction = value[(dot + 1)..];
        var digits = fraction[..Math.Min(nanosecondDigits, fraction.Length)];
        long nanoseconds = 0;
        for (var i = 0; i < nanosecondDigits; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < digits.Length && char.IsAsciiDigit((char)digits[i]) ? digits[i] - '0' : 0);
        }

        // Before 1970 the fraction counts downwards; whole seconds are exact enough there.
        return value[0] is (byte)'-' ? (Number(value[..dot]), 0) : (Number(value[..dot]), nanoseconds);
    }
}
