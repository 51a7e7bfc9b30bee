using System.IO.Compression;
using DotnetRelease.Http;
using DotnetRelease.Sources;
using DotnetRelease.Specs;
using DotnetRelease.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Sources;

/// <summary>What holds for any bytes and any text that servers, git and lists may have.</summary>
[TestClass]
public sealed class SourcePropertyTests
{
    private static readonly string[] Words =
    [
        "SHA512", "SHA256", "MD5", " (", ") = ", "a.tar.gz", "\\", "\\n", "#", "\n", "\r\n", " ", new string('a', 64), new string('B', 128), new string('0', 32), "ü", "\0",
    ];

    [TestMethod]
    public void A_sources_file_is_read_or_refused_and_nothing_else() => Check.One(Quick, Prop.ForAll<string[], byte[]>((noise, picks) =>
    {
        var text = string.Concat(picks.Select((pick, i) => Words[pick % Words.Length] + (noise.Length > 0 && pick > 250 ? noise[i % noise.Length] : "")));
        try
        {
            return SourcesFile.Parse(text, "sources").Text == text;
        }
        catch (ReleaseException ex)
        {
            return ex.Fault == Fault.SpecMalformed && ex.Position is { Line: > 0 };
        }
    }));

    [TestMethod]
    public void An_edit_of_one_line_leaves_all_others_as_they_were() => Check.One(Quick, Prop.ForAll<byte[], byte, bool>((names, pick, replaces) =>
    {
        var files = names.Distinct().Select(name => $"f{name}").ToList();
        var before = SourcesFile.Parse(string.Concat(files.Select(file => $"# {file}\nSHA256 ({file}) = {Digest.Of(file).Hex}\n")), "sources");
        var old = replaces && files.Count > 0 ? files[pick % files.Count] : null;

        var edit = new SourcesEdit(before, "sources").With("new", Digest.Of("new"), old);

        var after = SourcesFile.Parse(edit.Text, "sources");
        return after.Find("new")!.Digest == Digest.Of("new")
            && before.Lines.All(line => line.File == old ? after.Find(line.File) is null : after.Find(line.File)!.Digest == line.Digest)
            && !new SourcesEdit(after, "sources").With("new", Digest.Of("new"), old).IsChange;
    }));

    [TestMethod]
    public void Any_bytes_in_any_pieces_come_back_from_gzip() => Check.One(Quick.WithMaxTest(60), Prop.ForAll<byte[][], byte>((pieces, repeat) =>
    {
        var bytes = pieces.SelectMany(piece => Enumerable.Repeat(piece ?? [], repeat + 1).SelectMany(each => each)).ToArray();
        var packed = new MemoryStream();
        using (var gzip = new FrozenGzip(packed))
        {
            foreach (var piece in bytes.Chunk(repeat + 1))
            {
                gzip.Write(piece);
            }
        }

        packed.Position = 0;
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        var back = new MemoryStream();
        unpacked.CopyTo(back);
        return back.ToArray().AsSpan().SequenceEqual(bytes);
    }));

    [TestMethod]
    public void No_header_of_a_server_is_taken_for_the_rest_but_the_right_one() => Check.One(Quick, Prop.ForAll<string, PositiveInt, PositiveInt>((noise, start, rest) =>
    {
        var size = start.Get + (long)rest.Get;
        var right = $"bytes {start.Get}-{size - 1}/{size}";
        return ByteRange.IsRest(right, start.Get, size) && ByteRange.IsRest(right, start.Get, null)
            && !ByteRange.IsRest(right, start.Get + 1, size) && !ByteRange.IsRest(right, start.Get, size + 1)
            && !ByteRange.IsRest(noise, start.Get, size) && !ByteRange.IsRest(noise + right, start.Get, size) == (noise is { Length: > 0 });
    }));

    [TestMethod]
    public void A_mirror_never_leads_out_of_its_folder() => Check.One(Quick, Prop.ForAll<string[]>(segments =>
    {
        var mirrors = new SourceMirrors([MirroredPrefix.Parse("https://files.example/a", ["https://mirror.example/only/here"])], new DotnetRelease.Fixtures.ListReporter());
        var path = string.Join('/', segments.Select(segment => (segment ?? "..").Replace("\ud800", "", StringComparison.Ordinal)));
        return !Uri.TryCreate("https://files.example/a/" + path, UriKind.Absolute, out var url)
            || mirrors.PlacesOf(url)[..^1].All(place => place.Url.AbsoluteUri.StartsWith("https://mirror.example/only/here/", StringComparison.Ordinal));
    }));

    private static Config Quick => Config.QuickThrowOnFailure.WithMaxTest(500);
}
