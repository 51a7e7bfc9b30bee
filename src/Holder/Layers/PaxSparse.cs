namespace DotnetRelease.Holder.Layers;

/// <summary>What pax records say about a sparse file, in the forms 0.0, 0.1 and 1.0 of GNU tar ("PAX Format, Versions 0.0 and 0.1", "PAX Format, Version 1.0").</summary>
internal sealed class PaxSparse
{
    internal const string Prefix = "GNU.sparse.";

    private readonly List<long> _numbers = [];
    private long? _major;
    private long? _minor;
    private long? _size;

    /// <summary>The name of the file; the entry's own is only for programs that do not know the form.</summary>
    internal byte[]? Name { get; private set; }

    internal void Add(string key, ReadOnlySpan<byte> value)
    {
        switch (key[Prefix.Length..])
        {
            case "major":
                _major = PaxRecords.Number(value);
                break;
            case "minor":
                _minor = PaxRecords.Number(value);
                break;
            case "name":
                Name = PaxRecords.Name(value);
                break;
            case "size" or "realsize":
                _size = PaxRecords.Number(value);
                break;
            case "map":
                _numbers.AddRange(SparseMap.Split(value));
                break;
            case "offset" when _numbers.Count % 2 is 0:
            case "numbytes" when _numbers.Count % 2 is 1:
                SparseMap.Add(_numbers, PaxRecords.Number(value));
                break;
            case "numblocks":
                break;
            default:
                throw SparseMap.Wrong();
        }
    }

    /// <summary>The map of an entry.</summary>
    /// <param name="stored">Bytes of its content.</param>
    /// <param name="nextBlock">Reads the next block of them, where the map stands in the form 1.0.</param>
    internal SparseMap Map(long stored, NextBlock nextBlock) => (_major ?? 0, _minor ?? 0, _size) switch
    {
        (1, 0, >= 0 and var size) when _numbers is [] => SparseMap.ReadLines(size, stored, nextBlock),
        (0, _, >= 0 and var size) => new SparseMap(size, _numbers, stored),
        _ => throw SparseMap.Wrong(),
    };
}
