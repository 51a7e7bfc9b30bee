using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>
/// An RPM written without rpmbuild: a thousand take a second, and it may say what no spec could. Its payload is noise, so it cannot be
/// installed; every reader of headers takes it. No signature, and the digests of header and payload are right.
/// </summary>
/// <param name="Name">Package name.</param>
/// <param name="Version">Version.</param>
public sealed record WrittenRpm(string Name, string Version = "1.0")
{
    public string Release { get; init; } = "1";
    public string Arch { get; init; } = "noarch";
    public uint? Epoch { get; init; }
    public string Summary { get; init; } = "A written package";
    public string Description { get; init; } = "Nobody built it.";

    /// <summary>Null: this is a source package.</summary>
    public string? SourceRpm { get; init; } = "written-1.0-1.src.rpm";

    /// <summary>More texts of one value: tag and text.</summary>
    public ImmutableArray<(int Tag, string Text)> Texts { get; init; } = [];

    /// <summary>Dependencies by the tag of their names: 1047 provides, 1049 requires, 1054 conflicts, 1090 obsoletes, 5046 and on the weak ones.</summary>
    public ImmutableArray<(int Tag, string Name, uint Flags, string Version)> Dependencies { get; init; } = [];

    /// <summary>Paths, each with mode and rpm's flags.</summary>
    public ImmutableArray<(string Path, ushort Mode, uint Flags)> Files { get; init; } = [];

    /// <summary>Newest first.</summary>
    public ImmutableArray<(uint Time, string Author, string Text)> Changes { get; init; } = [];

    /// <summary>Bytes of the payload.</summary>
    public int PayloadSize { get; init; } = 64;

    public string FileName => $"{Name}-{Version}-{Release}.{(SourceRpm is null ? "src" : Arch)}.rpm";

    /// <summary>Writes it into a folder; gives the path.</summary>
    public string WriteTo(string folder)
    {
        var path = Path.Combine(folder, FileName);
        File.WriteAllBytes(path, ToBytes());
        return path;
    }

    public byte[] ToBytes()
    {
        var payload = new byte[PayloadSize];
        new Random(PayloadSize).NextBytes(payload);
        var header = Header(payload);
        var signature = new HeaderBytes(62)
            .Text(273, Convert.ToHexStringLower(SHA256.HashData(header)))
            .Numbers(1000, (uint)(header.Length + payload.Length))
            .Numbers(1007, (uint)payload.Length)
            .Build();
        return [.. Lead(), .. signature, .. new byte[-signature.Length & 7], .. header, .. payload];
    }

    private byte[] Lead()
    {
        var lead = new byte[96];
        ((byte[])[0xED, 0xAB, 0xEE, 0xDB, 3, 0, 0, SourceRpm is null ? (byte)1 : (byte)0, 0, 1]).CopyTo(lead, 0);
        Encoding.ASCII.GetBytes($"{Name}-{Version}-{Release}").AsSpan()[..Math.Min(65, Name.Length)].CopyTo(lead.AsSpan(10));
        (lead[77], lead[79]) = (1, 5);
        return lead;
    }

    private byte[] Header(byte[] payload)
    {
        var header = new HeaderBytes(63)
            .Text(1000, Name).Text(1001, Version).Text(1002, Release)
            .Translation(1004, Summary).Translation(1005, Description)
            .Numbers(1006, 1763596800).Text(1007, "builder.example.org").Numbers(1009, (uint)payload.Length)
            .Text(1014, "MIT").Translation(1016, "Unspecified").Text(1021, "linux").Text(1022, Arch)
            .Text(1064, "4.18.0").Text(1124, "cpio").Text(1125, "gzip").Text(1126, "9")
            .Texts(5092, [Convert.ToHexStringLower(SHA256.HashData(payload))]).Numbers(5093, 8);
        _ = Epoch is { } epoch ? header.Numbers(1003, epoch) : header;
        _ = SourceRpm is null ? header.Numbers(1106, 1) : header.Text(1044, SourceRpm);
        foreach (var (tag, text) in Texts)
        {
            header.Text(tag, text);
        }

        AddDependencies(header);
        AddFiles(header);
        return header
            .Numbers(1080, [.. Changes.Select(change => change.Time)])
            .Texts(1081, [.. Changes.Select(change => change.Author)])
            .Texts(1082, [.. Changes.Select(change => change.Text)])
            .Build();
    }

    private void AddDependencies(HeaderBytes header)
    {
        foreach (var group in Dependencies.GroupBy(item => item.Tag))
        {
            var (version, flags) = group.Key switch
            {
                1047 => (1113, 1112),
                1049 => (1050, 1048),
                1054 => (1055, 1053),
                1090 => (1115, 1114),
                var weak => (weak + 1, weak + 2),
            };
            header.Texts(group.Key, [.. group.Select(item => item.Name)])
                .Texts(version, [.. group.Select(item => item.Version)])
                .Numbers(flags, [.. group.Select(item => item.Flags)]);
        }
    }

    private void AddFiles(HeaderBytes header)
    {
        string[] folders = [.. Files.Select(file => FolderOf(file.Path)).Distinct(StringComparer.Ordinal)];
        header.Texts(1117, [.. Files.Select(file => file.Path[FolderOf(file.Path).Length..])])
            .Texts(1118, folders)
            .Numbers(1116, [.. Files.Select(file => (uint)Array.IndexOf(folders, FolderOf(file.Path)))])
            .Shorts(1030, [.. Files.Select(file => file.Mode)])
            .Numbers(1037, [.. Files.Select(file => file.Flags)])
            .Numbers(1028, [.. Files.Select(_ => 6u)])
            .Numbers(1034, [.. Files.Select(_ => 1763596800u)])
            .Texts(1035, [.. Files.Select(file => file.Mode >> 12 is 8 ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Path))) : "")])
            .Texts(1036, [.. Files.Select(_ => "")])
            .Texts(1039, [.. Files.Select(_ => "root")])
            .Texts(1040, [.. Files.Select(_ => "root")])
            .Numbers(5011, 8);
    }

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}
