using System.Formats.Tar;
using System.IO.Compression;
using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>
/// An archive that foreign code wrote, written anew: names, contents, links and who may be run are kept, and everything else is as in
/// <see cref="GitArchive"/>. So the time at which somebody made it, his umask and the order of his folders show nowhere.
/// </summary>
/// <param name="File">Its name, which says whether it is compressed.</param>
/// <param name="Folder">Name of the one folder that everything has to be in.</param>
/// <param name="Commit">Full id of what it was made of.</param>
/// <param name="Time">The time that everything in it gets.</param>
internal sealed record SdistArchive(string File, string Folder, string Commit, DateTimeOffset Time)
{
    /// <summary>Packed and unpacked.</summary>
    internal const long SizeLimit = ContentCache.UnknownSizeLimit;

    /// <summary>Unpacked to packed bytes, once <see cref="RatioFrom"/> is passed.</summary>
    private const int Ratio = 200;

    private const long RatioFrom = 64L * 1024 * 1024;
    private const int BufferSize = 128 * 1024;

    /// <summary>Reads an archive, judges it, and writes it anew.</summary>
    /// <param name="packed">The archive, of at most <see cref="SizeLimit"/> bytes.</param>
    /// <param name="to">Path of a new file; another one beside it is used meanwhile.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SdistRefused"/>, or <see cref="Fault.WriteFailed"/> when there is no room.</exception>
    internal void Repack(Stream packed, string to, CancellationToken ct)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose };
            using var plain = new FileStream(to + ".plain", options);
            Unpack(packed, plain, ct);
            Write(Read(plain, ct), plain, to, ct);
        }
        catch (InvalidDataException ex)
        {
            throw new ReleaseException(Fault.SdistRefused, $"{File}, which the container gave, {ex.Message.TrimEnd('.')}.", inner: ex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{to}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private void Unpack(Stream packed, FileStream plain, CancellationToken ct)
    {
        using var gzip = File.EndsWith(".tar", StringComparison.Ordinal) ? null : new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true);
        var buffer = new byte[BufferSize];
        for (int count; (count = Next(gzip ?? packed, buffer)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            plain.Write(buffer, 0, count);
            if (plain.Length > SizeLimit || (gzip is not null && plain.Length > RatioFrom && plain.Length / Ratio > packed.Position))
            {
                throw new InvalidDataException($"has more than {SizeLimit} bytes, or {Ratio} for each byte that is packed");
            }
        }
    }

    private static int Next(Stream stream, byte[] buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (InvalidDataException ex)
        {
            throw new InvalidDataException($"is no gzip file: {ex.Message}", ex);
        }
    }

    private SdistTree Read(FileStream plain, CancellationToken ct)
    {
        var tree = new SdistTree(Folder);
        plain.Position = 0;
        using var guarded = new ShortReads(plain);
        using var tar = new TarReader(guarded, leaveOpen: true);
        while (Next(tar) is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            tree.Add(entry);
            if (entry.DataOffset + entry.Length > plain.Length)
            {
                throw new InvalidDataException("is cut short");
            }
        }

        RefuseCut(plain);
        tree.Finish();
        return tree;
    }

    /// <summary>The decompressor does not say that its input was cut, and between two entries nobody would see it; but an archive has an end.</summary>
    private static void RefuseCut(FileStream plain)
    {
        var end = new byte[2 * TarForm.Block];
        plain.Position = Math.Max(0, plain.Length - end.Length);
        if (plain.ReadAtLeast(end, end.Length, throwOnEndOfStream: false) < end.Length || end.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("is cut short");
        }
    }

    /// <summary>Whatever the reader says about bytes that are no tar, it says no; also when they talk it into asking for more memory than there is.</summary>
    private static TarEntry? Next(TarReader tar)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception ex) when (ex is InvalidDataException or IOException or FormatException or InvalidOperationException or ArgumentException or NotSupportedException or OverflowException or OutOfMemoryException)
        {
            throw new InvalidDataException($"is no tar archive, or a damaged one: {ex.Message}", ex);
        }
    }

    private void Write(SdistTree tree, FileStream plain, string to, CancellationToken ct)
    {
        var form = new TarForm(Time.ToUnixTimeSeconds());
        var buffer = new byte[BufferSize];
        using var tar = new TarFile(to);
        tar.Add(form.Commit(Commit));
        foreach (var (path, entry) in tree.Entries)
        {
            ct.ThrowIfCancellationRequested();
            tar.Add(form.Entry(entry.ToTree(path), entry.IsFolder ? path + "/" : path, entry.Target));
            plain.Position = entry.Offset;
            for (var rest = entry.Size; rest > 0;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(rest, buffer.Length));
                plain.ReadExactly(part);
                tar.Add(part);
                rest -= part.Length;
            }

            tar.Add(TarForm.Padding(entry.Size));
        }

        tar.End();
    }
}
