using System.Collections.Immutable;
using System.Globalization;
using System.Xml;

namespace DotnetRelease.Metadata;

/// <summary>Reads a repomd.xml that somebody else may have written, or tampered with.</summary>
internal static class RepomdReader
{
    /// <summary>A real one has two or three kilobytes.</summary>
    internal const int Limit = 1024 * 1024;

    private const int MostEntries = 64;

    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMalformed"/>.</exception>
    internal static Repomd Read(byte[] bytes, string name)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes, writable: false), XmlText.Strict(Limit));
            var (revision, entries) = (0L, ImmutableArray.CreateBuilder<RepomdEntry>());
            reader.MoveToContent();
            if (reader.LocalName is not "repomd")
            {
                throw Malformed(name, $"its root element is '{reader.LocalName}', expected 'repomd'");
            }

            foreach (var element in Children(reader))
            {
                switch (element)
                {
                    case "revision":
                        // Free text by the format; createrepo_c writes a time, and only a number can rise.
                        _ = long.TryParse(reader.ReadElementContentAsString(), NumberStyles.None, CultureInfo.InvariantCulture, out revision);
                        break;
                    case "data":
                        entries.Add(entries.Count < MostEntries ? Entry(reader, name) : throw Malformed(name, $"it has more than {MostEntries} entries"));
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return entries.DistinctBy(entry => entry.Type, StringComparer.Ordinal).Count() == entries.Count
                ? new Repomd(revision, entries.DrainToImmutable())
                : throw Malformed(name, "it has two entries of one type");
        }
        catch (XmlException ex)
        {
            throw new ReleaseException(
                Fault.RepositoryMalformed, $"The repository metadata is not readable: {ex.Message}", new SourcePosition(name, ex.LineNumber, ex.LinePosition), ex);
        }
    }

    internal static ReleaseException Malformed(string name, string why) => new(Fault.RepositoryMalformed, $"'{name}' is not usable: {why}.");

    /// <summary>Names of the child elements; the consumer moves the reader past each.</summary>
    private static IEnumerable<string> Children(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            reader.Read();
            yield break;
        }

        var depth = reader.Depth;
        reader.Read();
        while (!reader.EOF && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Element)
            {
                yield return reader.LocalName;
            }
            else
            {
                reader.Read();
            }
        }

        reader.Read();
    }

    private static RepomdEntry Entry(XmlReader reader, string name)
    {
        var type = reader.GetAttribute("type") ?? throw Malformed(name, "a data element has no type");
        var fields = new Fields(name, type);
        foreach (var element in Children(reader))
        {
            fields.Take(element, reader);
        }

        return fields.ToEntry();
    }

    private sealed class Fields(string name, string type)
    {
        private Digest? _digest, _openDigest;
        private string? _location;
        private long? _size, _openSize, _timestamp;

        internal void Take(string element, XmlReader reader)
        {
            switch (element)
            {
                case "checksum":
                    _digest = Sha256(reader);
                    break;
                case "open-checksum":
                    _openDigest = Sha256(reader);
                    break;
                case "location":
                    _location = reader.GetAttribute("base", "http://www.w3.org/XML/1998/namespace") is null
                        ? reader.GetAttribute("href")
                        : throw Malformed(name, $"{type} lies outside the repository (xml:base)");
                    reader.Skip();
                    break;
                case "size":
                    _size = Size(reader);
                    break;
                case "open-size":
                    _openSize = Size(reader);
                    break;
                case "timestamp":
                    _timestamp = long.TryParse(reader.ReadElementContentAsString(), NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : 0;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        internal RepomdEntry ToEntry()
        {
            if (_digest is not { } digest || _size is not { } size || _location is not { } location)
            {
                throw Malformed(name, $"{type} has no checksum, no size or no location");
            }

            if (!RepositoryPath.IsSafe(location) || !location.StartsWith(Repomd.Folder + "/", StringComparison.Ordinal))
            {
                throw Malformed(name, $"the location of {type} is not a plain path inside {Repomd.Folder}/");
            }

            return new RepomdEntry(type, new RepositoryFile(location, size, digest), _timestamp ?? 0)
            {
                Open = _openDigest is { } open && _openSize is { } openSize ? new OpenPart(open, openSize) : null,
            };
        }

        private Digest Sha256(XmlReader reader)
        {
            var algorithm = reader.GetAttribute("type");
            var text = reader.ReadElementContentAsString();
            return algorithm is "sha256" && Digest.TryParse(text, out var digest)
                ? digest
                : throw Malformed(name, $"{type} has a checksum of type '{algorithm}'; only sha256 is accepted");
        }

        private long Size(XmlReader reader) =>
            long.TryParse(reader.ReadElementContentAsString(), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size
                : throw Malformed(name, $"a size of {type} is no number");
    }
}
