using System.Collections.Immutable;
using System.Globalization;
using System.Xml;

namespace DotnetRelease.Metadata;

/// <summary>
/// Takes a metadata file apart into the bytes of its packages, so that what is published stays as it was written, whoever wrote it.
/// The whole document is checked as XML; the cuts are found in the bytes.
/// </summary>
internal static class FragmentReader
{
    /// <summary>The packages of one part in the order of the file.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal static ImmutableArray<PackageFragment> Read(MetadataPart part, byte[] bytes, string name)
    {
        var cuts = Cut(bytes, name);
        var facts = Facts(part, bytes, name);
        return cuts.Count == facts.Count
            ? [.. facts.Zip(cuts, (fact, cut) => fact.ToFragment(name, cut))]
            : throw RepomdReader.Malformed(name, $"it has {facts.Count} packages in {cuts.Count} pieces");
    }

    private static List<ReadOnlyMemory<byte>> Cut(byte[] bytes, string name)
    {
        // Without these, a "<" in the bytes can only be markup, and the search below cannot be fooled.
        if (bytes.AsSpan().IndexOf("<!"u8) >= 0)
        {
            throw RepomdReader.Malformed(name, "it has a document type, a comment or a CDATA section");
        }

        var (cuts, from) = (new List<ReadOnlyMemory<byte>>(), 0);
        while (bytes.AsSpan(from).IndexOf("<package "u8) is var start and >= 0)
        {
            var length = bytes.AsSpan(from + start).IndexOf("</package>\n"u8);
            if (length < 0)
            {
                throw RepomdReader.Malformed(name, "a package does not end with '</package>' and a line end");
            }

            cuts.Add(bytes.AsMemory(from + start, length + "</package>\n"u8.Length));
            from += start + length;
        }

        return cuts;
    }

    private static List<PackageFacts> Facts(MetadataPart part, byte[] bytes, string name)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes, writable: false), XmlText.Strict(bytes.Length));
            reader.MoveToContent();
            CheckRoot(part, reader, name);
            var (packages, element) = (new List<PackageFacts>(), "");
            while (reader.Read())
            {
                switch (reader.NodeType, reader.Depth)
                {
                    case (XmlNodeType.Element, 1):
                        packages.Add(new PackageFacts(reader.GetAttribute("pkgid")));
                        break;
                    case (XmlNodeType.Element, > 1) when reader.LocalName is "package":
                        throw RepomdReader.Malformed(name, "a package is inside another one");
                    case (XmlNodeType.Element, 2):
                        element = reader.LocalName;
                        packages[^1].TakeAttributes(element, reader);
                        break;
                    case (XmlNodeType.Text, 3):
                        packages[^1].TakeText(element, reader);
                        break;
                }
            }

            return packages;
        }
        catch (XmlException ex)
        {
            throw new ReleaseException(
                Fault.RepositoryMalformed, $"The repository metadata is not readable: {ex.Message}", new SourcePosition(name, ex.LineNumber, ex.LinePosition), ex);
        }
    }

    /// <summary>A fragment is only portable when its prefix means the same everywhere.</summary>
    private static void CheckRoot(MetadataPart part, XmlReader reader, string name)
    {
        if (!string.Equals(reader.LocalName, part.Root, StringComparison.Ordinal) || reader.Prefix.Length > 0)
        {
            throw RepomdReader.Malformed(name, $"its root element is '{reader.Name}', expected '{part.Root}'");
        }

        if (part == MetadataPart.Primary && reader.LookupNamespace("rpm") is not MetadataPart.RpmNamespace)
        {
            throw RepomdReader.Malformed(name, "its prefix 'rpm' does not mean rpm's metadata");
        }
    }

    /// <summary>What is collected about one package while the reader passes over it.</summary>
    private sealed class PackageFacts(string? pkgid)
    {
        private string? _digest = pkgid, _name, _arch, _version, _release, _location;
        private uint _epoch;
        private long _size, _buildTime;

        internal void TakeAttributes(string element, XmlReader reader)
        {
            switch (element)
            {
                case "version":
                    (_version, _release) = (reader.GetAttribute("ver"), reader.GetAttribute("rel"));
                    _ = uint.TryParse(reader.GetAttribute("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out _epoch);
                    break;
                case "time":
                    _buildTime = Number(reader.GetAttribute("build"));
                    break;
                case "size":
                    _size = Number(reader.GetAttribute("package"));
                    break;
                case "location":
                    // A package elsewhere is not ours to promise; the missing location is refused below.
                    _location = reader.GetAttribute("base", "http://www.w3.org/XML/1998/namespace") is null ? reader.GetAttribute("href") : null;
                    break;
                case "checksum" when reader.GetAttribute("type") is not "sha256":
                    _digest = "";
                    break;
            }
        }

        internal void TakeText(string element, XmlReader reader)
        {
            switch (element)
            {
                case "name":
                    _name = reader.Value;
                    break;
                case "arch":
                    _arch = reader.Value;
                    break;
                case "checksum":
                    _digest ??= reader.Value;
                    break;
            }
        }

        internal PackageFragment ToFragment(string file, ReadOnlyMemory<byte> bytes)
        {
            if (!DotnetRelease.Digest.TryParse(_digest, out var digest))
            {
                throw RepomdReader.Malformed(file, $"package '{_name}' has no sha256");
            }

            return new PackageFragment(digest, bytes)
            {
                Nevra = _name is null || _arch is null || _version is null || _release is null ? null : new Nevra(_name, _epoch, _version, _release, _arch),
                Location = _location,
                Size = _size,
                BuildTime = _buildTime,
            };
        }

        private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}

/// <summary>One package in one metadata file.</summary>
/// <param name="Digest">The package's own digest; what links the three files.</param>
/// <param name="Bytes">Its element, line end included.</param>
internal sealed record PackageFragment(Digest Digest, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Only primary.xml has the rest.</summary>
    internal Nevra? Nevra { get; init; }

    internal string? Location { get; init; }

    internal long Size { get; init; }

    internal long BuildTime { get; init; }
}
