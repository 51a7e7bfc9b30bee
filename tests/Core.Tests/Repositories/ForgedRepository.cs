using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>A repodata folder with right digests around whatever a test wants to be read; nothing of it is signed.</summary>
internal sealed class ForgedRepository : IDisposable
{
    private const string Id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private readonly Scratch _scratch = new();

    internal string Root => _scratch.Root;

    internal string Primary { get; set; } = PrimaryOf($"""
        <package type="rpm">
          <name>x</name>
          <arch>noarch</arch>
          <version epoch="1" ver="2" rel="3"/>
          <checksum type="sha256" pkgid="YES">{Id}</checksum>
          <time file="5" build="6"/>
          <size package="7" installed="8" archive="9"/>
          <location href="sub/x-2-3.noarch.rpm"/>
          <format/>
        </package>
        """);

    internal string Filelists { get; set; } = $"<filelists xmlns=\"http://linux.duke.edu/metadata/filelists\" packages=\"1\">\n<package pkgid=\"{Id}\" name=\"x\" arch=\"noarch\">\n</package>\n</filelists>";

    internal string Other { get; set; } = $"<otherdata xmlns=\"http://linux.duke.edu/metadata/other\" packages=\"1\">\n<package pkgid=\"{Id}\" name=\"x\" arch=\"noarch\">\n</package>\n</otherdata>";

    /// <summary>Changes repomd.xml before it is written.</summary>
    internal Func<string, string> Repomd { get; set; } = xml => xml;

    /// <summary>Changes the compressed primary.xml, with digests that fit afterwards.</summary>
    internal Func<byte[], byte[]> Packed { get; set; } = bytes => bytes;

    internal static string PrimaryOf(string packages) =>
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"{MetadataPart.CommonNamespace}\" xmlns:rpm=\"{MetadataPart.RpmNamespace}\" packages=\"1\">\n{packages}\n</metadata>";

    internal async Task<PublishedMetadata?> ReadAsync(CancellationToken ct)
    {
        var folder = _scratch.Folder("repodata");
        RepomdEntry[] entries = [Write(folder, "primary", Primary, Packed), Write(folder, "filelists", Filelists, bytes => bytes), Write(folder, "other", Other, bytes => bytes)];
        var xml = Encoding.UTF8.GetString(new Repomd(1, [.. entries]).ToXml());
        await File.WriteAllTextAsync(Path.Combine(folder, "repomd.xml"), Repomd(xml), ct);
        return await PublishedMetadata.ReadAsync(new FolderStore(Root), ct);
    }

    public void Dispose() => _scratch.Dispose();

    private static RepomdEntry Write(string folder, string type, string xml, Func<byte[], byte[]> change)
    {
        var plain = Encoding.UTF8.GetBytes(xml);
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        var bytes = change(packed.ToArray());
        File.WriteAllBytes(Path.Combine(folder, $"{type}.xml.gz"), bytes);
        return new RepomdEntry(type, new RepositoryFile($"repodata/{type}.xml.gz", bytes.Length, Digest.Of(bytes)), 1) { Open = new OpenPart(Digest.Of(plain), plain.Length) };
    }
}
