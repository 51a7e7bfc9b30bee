using System.Buffers.Text;
using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace DotnetRelease.Metadata;

/// <summary>
/// Reads metadata that has exactly the form in which we write it, many times faster than XML can be read in general, and keeps the
/// compressed groups. Everything that decides is compared to the byte: the elements up to a package's location, their order, the
/// borders of packages and groups, the count. What else a package says is taken as it is, as text without control characters.
/// Whatever differs gives null, and <see cref="FragmentReader"/> takes over and says what is wrong with it, if anything.
/// </summary>
internal static class ExactReader
{
    /// <summary>The packages in their order, or null.</summary>
    internal static ImmutableArray<IndexedPackage>? TryRead(UnpackedMetadata primary, UnpackedMetadata filelists, UnpackedMetadata other)
    {
        // The head, the groups, the tail.
        var groups = primary.Members.Length - 2;
        if (groups < 0 || filelists.Members.Length != primary.Members.Length || other.Members.Length != primary.Members.Length)
        {
            return null;
        }

        var read = new PackedGroup?[groups];
        Parallel.For(0, groups, (at, state) =>
        {
            read[at] = ReadGroup(new PackedGroup(Text(primary, at + 1), Text(filelists, at + 1), Text(other, at + 1)));
            if (read[at] is null)
            {
                state.Stop();
            }
        });
        if (read.Contains(null))
        {
            return null;
        }

        ImmutableArray<IndexedPackage> packages = [.. read.SelectMany(group => group!.Packages)];
        return HasFrame(MetadataPart.Primary, primary, packages.Length)
            && HasFrame(MetadataPart.Filelists, filelists, packages.Length)
            && HasFrame(MetadataPart.Other, other, packages.Length)
            && AreInOrder(packages)
                ? packages
                : null;
    }

    private static GroupText Text(UnpackedMetadata file, int at)
    {
        var member = file.Members[at];
        return new(file.Plain.AsMemory(member.PlainStart, member.PlainLength), file.Packed.AsMemory(member.Start, member.Length));
    }

    private static bool HasFrame(MetadataPart part, UnpackedMetadata file, int packages) =>
        Text(file, 0).Plain.Span.SequenceEqual(Encoding.UTF8.GetBytes(part.Head(packages)))
        && Text(file, file.Members.Length - 1).Plain.Span.SequenceEqual(Encoding.UTF8.GetBytes(part.Tail));

    /// <summary>Ascending locations are also different ones.</summary>
    private static bool AreInOrder(ImmutableArray<IndexedPackage> packages)
    {
        var digests = new HashSet<string>(packages.Length, StringComparer.Ordinal);
        for (var at = 0; at < packages.Length; at++)
        {
            if (!digests.Add(packages[at].File.Digest.Hex)
                || (at > 0 && string.CompareOrdinal(packages[at - 1].File.Location, packages[at].File.Location) >= 0))
            {
                return false;
            }
        }

        return true;
    }

    private static PackedGroup? ReadGroup(PackedGroup group)
    {
        if (!IsText(group.Primary.Plain.Span) || !IsText(group.Filelists.Plain.Span) || !IsText(group.Other.Plain.Span))
        {
            return null;
        }

        var (primary, filelists, other) = (group.Primary.Plain, group.Filelists.Plain, group.Other.Plain);
        var packages = ImmutableArray.CreateBuilder<IndexedPackage>();
        while (!primary.IsEmpty)
        {
            if (Take(ref primary, "<package type=\"rpm\">\n"u8) is not { } fragment || Facts(fragment.Span) is not { } package
                || Take(ref filelists, "<package pkgid=\""u8) is not { } files || !IsOf(package, files.Span)
                || Take(ref other, "<package pkgid=\""u8) is not { } changes || !IsOf(package, changes.Span))
            {
                return null;
            }

            packages.Add(package with { Primary = fragment, Filelists = files, Other = changes, Group = group });
        }

        group.Packages = packages.DrainToImmutable();
        return filelists.IsEmpty && other.IsEmpty && !group.Packages.IsEmpty ? group : null;
    }

    /// <summary>Without comments, CDATA sections and instructions a "&lt;" can only be the start or the end of an element.</summary>
    private static bool IsText(ReadOnlySpan<byte> xml) =>
        xml.IndexOf("<!"u8) < 0 && xml.IndexOf("<?"u8) < 0 && !HasControls(xml) && Utf8.IsValid(xml);

    /// <summary>Whether there is a character that no XML has. Sixteen at once: this reads every byte of the metadata.</summary>
    private static bool HasControls(ReadOnlySpan<byte> xml)
    {
        var (at, found) = (0, Vector128<byte>.Zero);
        for (; at <= xml.Length - Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var text = Vector128.Create(xml[at..]);
            var allowed = Vector128.Equals(text, Vector128.Create((byte)'\n')) | Vector128.Equals(text, Vector128.Create((byte)'\t')) | Vector128.Equals(text, Vector128.Create((byte)'\r'));
            found |= Vector128.LessThan(text, Vector128.Create((byte)' ')) & ~allowed;
        }

        foreach (var last in xml[at..])
        {
            found |= Vector128.Create(last < ' ' && last is not ((byte)'\n' or (byte)'\t' or (byte)'\r') ? byte.MaxValue : (byte)0);
        }

        return found != Vector128<byte>.Zero;
    }

    private static ReadOnlyMemory<byte>? Take(ref ReadOnlyMemory<byte> rest, ReadOnlySpan<byte> start)
    {
        var end = rest.Span.StartsWith(start) ? rest.Span.IndexOf("</package>\n"u8) : -1;
        if (end < 0 || rest.Span[1..end].IndexOf("<package "u8) >= 0)
        {
            return null;
        }

        var taken = rest[..(end + "</package>\n"u8.Length)];
        rest = rest[taken.Length..];
        return taken;
    }

    private static bool IsOf(IndexedPackage package, ReadOnlySpan<byte> fragment)
    {
        var line = new ExactLine(fragment);
        line.Skip("<package pkgid=\""u8);
        return line.Text('"') == package.File.Digest.Hex;
    }

    private static IndexedPackage? Facts(ReadOnlySpan<byte> xml)
    {
        var line = new ExactLine(xml);
        line.Skip("<package type=\"rpm\">\n  <name>"u8);
        var name = line.Text('<');
        line.Skip("</name>\n  <arch>"u8);
        var arch = line.Text('<');
        line.Skip("</arch>\n  <version epoch=\""u8);
        var epoch = line.Number();
        line.Skip("\" ver=\""u8);
        var version = line.Text('"');
        line.Skip("\" rel=\""u8);
        var release = line.Text('"');
        line.Skip("\"/>\n  <checksum type=\"sha256\" pkgid=\"YES\">"u8);
        var hex = line.Text('<');
        line.Skip("</checksum>\n  <summary"u8);
        line.Seek("\n  <time file=\""u8);
        _ = line.Number();
        line.Skip("\" build=\""u8);
        var time = line.Number();
        line.Skip("\"/>\n  <size package=\""u8);
        var size = line.Number();
        line.Skip("\" installed=\""u8);
        _ = line.Number();
        line.Skip("\" archive=\""u8);
        _ = line.Number();
        line.Skip("\"/>\n  <location href=\""u8);
        var location = line.Text('"');
        line.Skip("\"/>\n  <format>\n"u8);
        return line.Good && epoch <= uint.MaxValue && Digest.TryParse(hex, out var digest) && RepositoryPath.IsSafe(location)
            ? new IndexedPackage(new Nevra(name, (uint)epoch, version, release, arch), new RepositoryFile(location, size, digest), time) { Primary = default, Filelists = default, Other = default }
            : null;
    }

    /// <summary>Steps over text that is known word for word; the first surprise ends it.</summary>
    private ref struct ExactLine(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        internal bool Good { get; private set; } = true;

        internal void Skip(ReadOnlySpan<byte> word)
        {
            Good = Good && _rest.StartsWith(word);
            _rest = Good ? _rest[word.Length..] : default;
        }

        internal void Seek(ReadOnlySpan<byte> word)
        {
            var at = _rest.IndexOf(word);
            Good = Good && at >= 0;
            _rest = Good ? _rest[(at + word.Length)..] : default;
        }

        /// <summary>Text without an entity, up to a character.</summary>
        internal string Text(char end)
        {
            var length = _rest.IndexOfAny((byte)end, (byte)'&');
            Good = Good && length >= 0 && _rest[length] == end;
            var text = Good ? Encoding.UTF8.GetString(_rest[..length]) : "";
            _rest = Good ? _rest[length..] : default;
            return text;
        }

        internal long Number()
        {
            Good &= Utf8Parser.TryParse(_rest, out long number, out var length) && number >= 0;
            _rest = Good ? _rest[length..] : default;
            return number;
        }
    }
}
