using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Storage;

namespace DotnetRelease.Rpm;

/// <summary>
/// Writes small unsigned packages without rpmbuild: configuration such as a <c>.repo</c> file with its keys. The same draft gives the
/// same bytes on every machine.
/// </summary>
public static class RpmWriter
{
    /// <summary>A plain file, 0644.</summary>
    internal const int FileMode = 0x81A4;

    private const int Epochless = 0;
    private const int Sha256 = 8;
    private const int Config = 1;
    private const int NoReplace = 1 << 4;
    private const int Equal = 8;
    private const int LessOrEqual = 2 | 8;
    private const int RpmLib = 1 << 24;
    private const int ConfigSense = 1 << 28;
    private const int VerifyAll = -1;
    private const int ReservedSpace = 4096;
    private const int NewFormat = 6;

    /// <summary>Features that a reader of the file has to know, and since which rpm it does.</summary>
    private static readonly (string Name, string Version)[] Features =
    [
        ("rpmlib(CompressedFileNames)", "3.0.4-1"), ("rpmlib(FileDigests)", "4.6.0-1"), ("rpmlib(PayloadFilesHavePrefix)", "4.0-1"),
    ];

    /// <summary>Writes the package under a name, durably.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WriteFailed"/>.</exception>
    public static Task WriteAsync(RpmDraft draft, string path, CancellationToken ct) => Durable.WriteAsync(path, ToBytes(draft), ct);

    /// <summary>The package as bytes.</summary>
    public static byte[] ToBytes(RpmDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        var (header, payload) = Parts(draft);
        return [.. Lead(draft), .. Signature(draft, header, payload), .. header, .. payload.Bytes];
    }

    /// <summary>Digest of the main header, which is the same whoever signs the package.</summary>
    public static Digest HeaderDigest(RpmDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return Digest.Of(Parts(draft).Header);
    }

    private static (byte[] Header, CpioPayload Payload) Parts(RpmDraft draft)
    {
        draft = draft with { Files = [.. draft.Files.OrderBy(file => file.Path, StringComparer.Ordinal)] };
        var payload = CpioPayload.Of(draft.Files, draft.Made);
        return (Header(draft, payload), payload);
    }

    /// <summary>The magic, the version, and a name that nobody reads any more.</summary>
    private static byte[] Lead(RpmDraft draft)
    {
        const int nameStart = 10;
        const int nameLength = 65;
        var lead = new byte[RpmLead.Length];
        ((ReadOnlySpan<byte>)[0xED, 0xAB, 0xEE, 0xDB, (byte)(draft.Format >= NewFormat ? 4 : 3), 0, 0, 0, 0, 1]).CopyTo(lead);
        var name = Encoding.ASCII.GetBytes($"{draft.Nevra.Name}-{draft.Nevra.Version}-{draft.Nevra.Release}");
        name.AsSpan(0, Math.Min(name.Length, nameLength)).CopyTo(lead.AsSpan(nameStart));
        (lead[77], lead[79]) = (1, 5);
        return lead;
    }

    private static byte[] Signature(RpmDraft draft, byte[] header, CpioPayload payload)
    {
        var signature = new HeaderDraft(RpmTag.HeaderSignatures);
        signature.Add(RpmSignatureTag.Sha256Header, Convert.ToHexStringLower(SHA256.HashData(header)));
        if (draft.Format >= NewFormat)
        {
            if (SHA3_256.IsSupported)
            {
                signature.Add(RpmSignatureTag.Sha3Header, Convert.ToHexStringLower(SHA3_256.HashData(header)));
            }

            signature.AddRoom(RpmSignatureTag.Reserved, ReservedSpace);
            return signature.ToPaddedBytes();
        }

#pragma warning disable CA5350, CA5351 // rpm 4 wants to see them beside the real ones.
        signature.Add(RpmSignatureTag.Sha1Header, Convert.ToHexStringLower(SHA1.HashData(header)));
        signature.Add(RpmSignatureTag.Md5, MD5.HashData((byte[])[.. header, .. payload.Bytes]));
#pragma warning restore CA5350, CA5351
        signature.Add(RpmSignatureTag.Size, header.Length + payload.Bytes.Length);
        signature.Add(RpmSignatureTag.PayloadSize, payload.Length);
        signature.AddRoom(RpmSignatureTag.ReservedSpace, ReservedSpace);
        return signature.ToPaddedBytes();
    }

    private static byte[] Header(RpmDraft draft, CpioPayload payload)
    {
        var header = new HeaderDraft(RpmTag.HeaderImmutable);
        AddIdentity(header, draft);
        AddFiles(header, draft);
        AddDependencies(header, draft);
        header.Add(RpmTag.PayloadFormat, "cpio");
        header.Add(RpmTag.PayloadCompressor, "gzip");
        header.Add(RpmTag.PayloadFlags, "9");
        header.Add(RpmTag.PayloadDigest, [Convert.ToHexStringLower(SHA256.HashData(payload.Bytes))]);
        header.Add(RpmTag.PayloadDigestAlgo, Sha256);
        header.Add(RpmTag.PayloadDigestAlt, [payload.Digest]);
        if (draft.Format >= NewFormat)
        {
            header.Add(RpmTag.RpmFormat, draft.Format);
            header.Add(RpmTag.PayloadSha512, Convert.ToHexStringLower(SHA512.HashData(payload.Bytes)));
            if (SHA3_256.IsSupported)
            {
                header.Add(RpmTag.PayloadSha3, Convert.ToHexStringLower(SHA3_256.HashData(payload.Bytes)));
            }
        }

        return header.ToBytes();
    }

    private static void AddIdentity(HeaderDraft header, RpmDraft draft)
    {
        const int i18nTable = 100;
        header.Add(i18nTable, ["C"]);
        header.Add(RpmTag.Name, draft.Nevra.Name);
        header.Add(RpmTag.Version, draft.Nevra.Version);
        header.Add(RpmTag.Release, draft.Nevra.Release);
        if (draft.Nevra.Epoch is not Epochless)
        {
            header.Add(RpmTag.Epoch, (int)draft.Nevra.Epoch);
        }

        header.AddTranslatable(RpmTag.Summary, draft.Summary);
        header.AddTranslatable(RpmTag.Description, draft.Description);
        header.AddTranslatable(RpmTag.Group, "Unspecified");
        header.Add(RpmTag.BuildTime, checked((int)draft.Made.ToUnixTimeSeconds()));
        header.Add(RpmTag.BuildHost, "localhost");
        header.Add(RpmTag.Size, draft.Files.Sum(file => file.Content.Length));
        header.Add(RpmTag.License, draft.License);
        header.Add(RpmTag.Os, "linux");
        header.Add(RpmTag.Arch, draft.Nevra.Arch);
        header.Add(RpmTag.RpmVersion, "4.18.0");
        header.Add(RpmTag.Encoding, "utf-8");
        header.Add(RpmTag.SourceRpm, $"{draft.Nevra.Name}-{draft.Nevra.Version}-{draft.Nevra.Release}.src.rpm");
        foreach (var (tag, text) in ((int, string?)[])[(RpmTag.Vendor, draft.Vendor), (RpmTag.Url, draft.Url)])
        {
            if (text is not null)
            {
                header.Add(tag, text);
            }
        }
    }

    private static void AddFiles(HeaderDraft header, RpmDraft draft)
    {
        var files = draft.Files;
        var folders = files.Select(file => FolderOf(file.Path)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        header.Add(RpmTag.DirNames, folders);
        header.Add(RpmTag.DirIndexes, All(file => folders.IndexOf(FolderOf(file.Path))));
        header.Add(RpmTag.BaseNames, Texts(file => file.Path[FolderOf(file.Path).Length..]));
        header.Add(RpmTag.FileSizes, All(file => file.Content.Length));
        header.AddShort(RpmTag.FileModes, All(_ => FileMode));
        header.AddShort(RpmTag.FileRdevs, All(_ => 0));
        header.Add(RpmTag.FileMtimes, All(_ => checked((int)draft.Made.ToUnixTimeSeconds())));
        header.Add(RpmTag.FileDigests, Texts(file => Convert.ToHexStringLower(SHA256.HashData(file.Content.Span))));
        header.Add(RpmTag.FileDigestAlgo, Sha256);
        header.Add(RpmTag.FileLinkTos, Texts(_ => ""));
        header.Add(RpmTag.FileFlags, All(file => file.IsConfig ? Config | NoReplace : 0));
        header.Add(RpmTag.FileUserName, Texts(_ => "root"));
        header.Add(RpmTag.FileGroupName, Texts(_ => "root"));
        header.Add(RpmTag.FileVerifyFlags, All(_ => VerifyAll));
        header.Add(RpmTag.FileDevices, All(_ => 1));
        header.Add(RpmTag.FileInodes, All(file => files.IndexOf(file) + 1));
        header.Add(RpmTag.FileLangs, Texts(_ => ""));

        ImmutableArray<int> All(Func<RpmDraftFile, int> value) => [.. files.Select(value)];
        ImmutableArray<string> Texts(Func<RpmDraftFile, string> value) => [.. files.Select(value)];
    }

    private static void AddDependencies(HeaderDraft header, RpmDraft draft)
    {
        var own = draft.Nevra.Epoch is Epochless ? $"{draft.Nevra.Version}-{draft.Nevra.Release}" : $"{draft.Nevra.Epoch}:{draft.Nevra.Version}-{draft.Nevra.Release}";
        List<(string Name, int Sense, string Version)> provides = [(draft.Nevra.Name, Equal, own), .. draft.Provides.Order(StringComparer.Ordinal).Select(name => (name, 0, ""))];
        List<(string Name, int Sense, string Version)> requires =
        [
            .. Features.Select(feature => (feature.Name, RpmLib | LessOrEqual, feature.Version)),
            .. draft.Requires.Select(one => (one.Name, (int)one.Flags, one.Version)),
        ];
        if (draft.Files.Any(file => file.IsConfig))
        {
            provides.Insert(0, ($"config({draft.Nevra.Name})", ConfigSense | Equal, own));
            requires.Insert(0, ($"config({draft.Nevra.Name})", ConfigSense | Equal, own));
        }

        header.Add(RpmTag.ProvideName, [.. provides.Select(one => one.Name)]);
        header.Add(RpmTag.ProvideFlags, [.. provides.Select(one => one.Sense)]);
        header.Add(RpmTag.ProvideVersion, [.. provides.Select(one => one.Version)]);
        header.Add(RpmTag.RequireName, [.. requires.Select(one => one.Name)]);
        header.Add(RpmTag.RequireFlags, [.. requires.Select(one => one.Sense)]);
        header.Add(RpmTag.RequireVersion, [.. requires.Select(one => one.Version)]);
    }

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];
}
