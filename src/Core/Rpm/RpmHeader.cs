using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>
/// One of the two headers of an RPM: a table from tag number to typed values. Holding one means that its structure was checked
/// completely; values are decoded when asked for.
/// </summary>
public sealed class RpmHeader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Dictionary<int, RpmEntry> _entries;
    private readonly string _path;

    internal RpmHeader(string path, long offset, ReadOnlyMemory<byte> bytes, ImmutableArray<RpmEntry> entries)
    {
        (_path, Offset, Bytes, Entries) = (path, offset, bytes, entries);
        _entries = entries.ToDictionary(entry => entry.Tag);
    }

    /// <summary>Where the header starts in the file.</summary>
    public long Offset { get; }

    /// <summary>Exactly the header's bytes, from its magic to its last; a header signature and digest cover these.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Where the header ends in the file; the padding that follows a signature header is not counted.</summary>
    public long End => Offset + Bytes.Length;

    /// <summary>Every entry in the order of the index; the region tag is not among them.</summary>
    public ImmutableArray<RpmEntry> Entries { get; }

    /// <summary>Whether it says of itself what belongs to it, as every rpm since version 4 writes it.</summary>
    internal bool HasRegion { get; init; }

    /// <summary>Whether the header has such a tag.</summary>
    public bool Has(int tag) => _entries.ContainsKey(tag);

    /// <summary>A text, or null without such a tag; of an array the first, of a translated one the untranslated.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is no text.</exception>
    public string? Text(int tag) => Find(tag) is { } entry ? Decode(Strings(entry)[..Strings(entry).IndexOf((byte)0)]) : null;

    /// <summary>The first text byte for byte, one character each, or null without such a tag: for what is compared and not shown.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is no text.</exception>
    internal string? RawText(int tag) => Find(tag) is { } entry ? Encoding.Latin1.GetString(Strings(entry)[..Strings(entry).IndexOf((byte)0)]) : null;

    /// <summary>All texts of a tag, or none. Text that is not UTF-8 is taken as ISO-8859-1, as repository tools do.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is no text.</exception>
    public ImmutableArray<string> Texts(int tag)
    {
        if (Find(tag) is not { } entry)
        {
            return [];
        }

        var texts = ImmutableArray.CreateBuilder<string>(entry.Count);
        for (var rest = Strings(entry); texts.Count < entry.Count;)
        {
            var end = rest.IndexOf((byte)0);
            texts.Add(Decode(rest[..end]));
            rest = rest[(end + 1)..];
        }

        return texts.MoveToImmutable();
    }

    /// <summary>The first number of a tag, or null without such a tag.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is no number.</exception>
    public ulong? Number(int tag) => Find(tag) is { } entry ? NumberAt(entry, Width(entry), 0) : null;

    /// <summary>All numbers of a tag, or none, whatever their width; all of them are unsigned.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is no number.</exception>
    public ImmutableArray<ulong> Numbers(int tag)
    {
        if (Find(tag) is not { } entry)
        {
            return [];
        }

        var (width, numbers) = (Width(entry), ImmutableArray.CreateBuilder<ulong>(entry.Count));
        while (numbers.Count < entry.Count)
        {
            numbers.Add(NumberAt(entry, width, numbers.Count));
        }

        return numbers.MoveToImmutable();
    }

    /// <summary>The bytes of a binary tag, or null without such a tag.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>: the tag is not binary.</exception>
    public ReadOnlyMemory<byte>? Binary(int tag)
    {
        if (Find(tag) is not { } entry)
        {
            return null;
        }

        return entry.Type is RpmType.Binary ? Bytes.Slice(entry.Start, entry.Length) : throw Wrong(entry, "bytes");
    }

    private RpmEntry? Find(int tag) => _entries.TryGetValue(tag, out var entry) ? entry : null;

    private ReadOnlySpan<byte> Strings(RpmEntry entry) => entry.Type is RpmType.String or RpmType.StringArray or RpmType.I18nString
        ? Bytes.Span.Slice(entry.Start, entry.Length)
        : throw Wrong(entry, "text");

    private int Width(RpmEntry entry) => entry.Type switch
    {
        RpmType.Char or RpmType.Int8 => 1,
        RpmType.Int16 => 2,
        RpmType.Int32 => 4,
        RpmType.Int64 => 8,
        _ => throw Wrong(entry, "numbers"),
    };

    private ulong NumberAt(RpmEntry entry, int width, int index)
    {
        var bytes = Bytes.Span.Slice(entry.Start + index * width, width);
        return width switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
        };
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
        {
            return Encoding.ASCII.GetString(bytes);
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // 0x80 to 0xBF are mostly Windows' own quotes and dashes; createrepo_c leaves them out, and metadata has to be equal to its.
            return string.Concat(Encoding.Latin1.GetString(bytes).Where(c => c is < '\u0080' or > '\u00BF'));
        }
    }

    private ReleaseException Wrong(RpmEntry entry, string expected) =>
        Malformed.Rpm(_path, $"tag {entry.Tag} of the header at byte {Offset} is stored as {entry.Type}, expected {expected}");
}
