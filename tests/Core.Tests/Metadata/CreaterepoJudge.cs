using System.IO.Compression;
using System.Xml.Linq;
using DotnetRelease.Metadata;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>createrepo_c over a folder of RPMs, and our metadata of the same RPMs, as comparable values.</summary>
internal static class CreaterepoJudge
{
    internal static readonly string[] Parts = ["primary", "filelists", "other"];

    /// <summary>The package elements of one part by package id, in the order of the file.</summary>
    internal static Dictionary<string, XElement> PackagesOf(string part, byte[] xml)
    {
        var root = XDocument.Parse(System.Text.Encoding.UTF8.GetString(xml), LoadOptions.PreserveWhitespace).Root!;
        Assert.AreEqual(root.Elements().Count().ToString(), root.Attribute("packages")?.Value, $"the count in {part}");
        return root.Elements().ToDictionary(
            package => package.Attribute("pkgid")?.Value ?? package.Elements().Single(e => e.Name.LocalName is "checksum").Value,
            WithoutFileTime);
    }

    /// <summary>What createrepo_c says about a folder.</summary>
    internal static async Task<Dictionary<string, byte[]>> RunAsync(string rpms, string output, CancellationToken ct)
    {
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", "--no-database", "--error-exit-val", "--outputdir", output, rpms), ct);
        return Parts.ToDictionary(part => part, part => Unpack(Directory.GetFiles(Path.Combine(output, "repodata"), $"*-{part}.xml.gz").Single()));
    }

    /// <summary>What createrepo_c makes of metadata that is there already; it trusts size and time of the packages.</summary>
    internal static async Task<Dictionary<string, byte[]>> UpdateAsync(string rpms, CancellationToken ct)
    {
        await Exec.ReadAsync(new Command("createrepo_c", "--quiet", "--no-database", "--error-exit-val", "--update", "--skip-stat", rpms), ct);
        return Parts.ToDictionary(part => part, part => Unpack(Directory.GetFiles(Path.Combine(rpms, "repodata"), $"*-{part}.xml.gz").Single()));
    }

    /// <summary>What we say about the same files.</summary>
    internal static async Task<RepositorySnapshot> DescribeAsync(string rpms, CancellationToken ct)
    {
        var packages = await Task.Run(() => PackageReader.ReadAll(Directory.GetFiles(rpms, "*.rpm"), path => Path.GetFileName(path), ct), ct);
        return RepositorySnapshot.Of(packages, previous: null);
    }

    /// <summary>A part of ours, unpacked by another implementation's rules: all members in a row.</summary>
    internal static byte[] Unpack(RepositorySnapshot snapshot, string part) =>
        Unpack(new MemoryStream([.. snapshot.Files.Single(file => file.Type == part).Members.SelectMany(member => member)]));

    private static byte[] Unpack(string path)
    {
        using var file = File.OpenRead(path);
        return Unpack(file);
    }

    private static byte[] Unpack(Stream packed)
    {
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>The one thing in which we differ on purpose.</summary>
    private static XElement WithoutFileTime(XElement package)
    {
        package.Elements().SingleOrDefault(e => e.Name.LocalName is "time")?.Attribute("file")!.Remove();
        return package;
    }
}
