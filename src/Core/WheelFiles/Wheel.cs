using System.Collections.Frozen;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.WheelFiles;

/// <summary>
/// An open wheel (PEP 427) whose archive can be read in one way only. Who reads a member gets exactly as many bytes as were announced;
/// <see cref="WheelProof"/> says whether they are the right ones.
/// </summary>
public sealed class Wheel : IDisposable
{
    private const string InfoEnd = ".dist-info";

    /// <summary>An archive may unpack to so many times its size once it is larger than <see cref="SmallSize"/>, as PyPI has it.</summary>
    private const int MostRatio = 50;

    private const long SmallSize = 64L * 1024 * 1024;
    private const long MostUnpacked = 16L * 1024 * 1024 * 1024;
    private readonly SafeFileHandle _file;
    private readonly ZipBytes _bytes;
    private readonly FrozenDictionary<string, ZipEntry> _members;

    private Wheel(string name, SafeFileHandle file)
    {
        _file = file;
        _bytes = new ZipBytes(file, name);
        var entries = ZipDirectory.Read(_bytes);
        RefuseBomb(entries);
        _members = Unique(entries).ToFrozenDictionary(StringComparer.Ordinal);
        Info = FindInfo();
    }

    /// <summary>The folder with what the wheel says about itself: <c>greeter-1.0.dist-info</c>.</summary>
    public string Info { get; }

    /// <summary>The files inside, sorted by path; folders are not among them.</summary>
    public ImmutableArray<string> Files => [.. _members.Values.Where(entry => !entry.IsFolder).Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Opens a wheel and reads its directory.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What people know it as.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public static Wheel Open(string path, string name)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path);
            var wheel = new Wheel(name, file);
            file = null;
            return wheel;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' cannot be read: {ex.Message}", inner: ex);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>A member's text.</summary>
    /// <param name="name">Its path; it has to be there.</param>
    /// <param name="limit">Most bytes that are acceptable.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>: missing, too large, damaged, or no UTF-8.</exception>
    public string ReadText(string name, int limit)
    {
        var entry = Member(name);
        if (entry.Size > limit)
        {
            throw _bytes.Refuse($"its '{name}' has {entry.Size} bytes; at most {limit} are read");
        }

        try
        {
            var content = new byte[entry.Size];
            using var stream = Open(entry);
            if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length)
            {
                throw _bytes.Refuse($"its '{name}' ends early");
            }

            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw _bytes.Refuse($"its '{name}' is not UTF-8");
        }
        catch (InvalidDataException ex)
        {
            throw _bytes.Refuse($"its '{name}' cannot be unpacked: {ex.Message}");
        }
    }

    /// <summary>Whether there is such a file.</summary>
    public bool Has(string name) => _members.TryGetValue(name, out var entry) && !entry.IsFolder;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal ZipEntry Member(string name) => Has(name) ? _members[name] : throw _bytes.Refuse($"it has no '{name}'");

    /// <summary>The content of a member, unpacked; it may be shorter or longer than announced.</summary>
    internal Stream Open(ZipEntry entry)
    {
        var packed = _bytes.Part(entry.Offset, entry.PackedSize);
        return entry.IsDeflated ? new DeflateStream(packed, CompressionMode.Decompress) : packed;
    }

    internal ReleaseException Refuse(string why) => _bytes.Refuse(why);

    private void RefuseBomb(ImmutableArray<ZipEntry> entries)
    {
        var size = entries.Aggregate(0L, (sum, entry) => sum > MostUnpacked ? sum : sum + Math.Min(entry.Size, MostUnpacked));
        if (size > MostUnpacked || (size > SmallSize && size / MostRatio > _bytes.Length))
        {
            throw _bytes.Refuse($"it has {_bytes.Length} bytes and would unpack to {(size > MostUnpacked ? "more than " : "")}{Math.Min(size, MostUnpacked)}");
        }
    }

    private Dictionary<string, ZipEntry> Unique(ImmutableArray<ZipEntry> entries)
    {
        var members = new Dictionary<string, ZipEntry>(entries.Length, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!members.TryAdd(entry.Name.TrimEnd('/'), entry))
            {
                throw _bytes.Refuse($"it has '{MemberName.Show(entry.Name)}' twice");
            }
        }

        foreach (var entry in entries)
        {
            for (var slash = entry.Name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = entry.Name.IndexOf('/', slash + 1))
            {
                if (members.TryGetValue(entry.Name[..slash], out var parent) && !parent.IsFolder)
                {
                    throw _bytes.Refuse($"'{MemberName.Show(parent.Name)}' is a file and the folder of another one");
                }
            }
        }

        return members;
    }

    private string FindInfo()
    {
        var infos = _members.Keys.Select(name => name.Split('/')[0]).Where(name => name.EndsWith(InfoEnd, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        return infos is [var only] ? only : throw _bytes.Refuse($"it has {infos.Count} folders '*{InfoEnd}' and has to have one");
    }
}
