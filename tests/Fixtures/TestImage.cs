using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using DotnetRelease.Images;

namespace DotnetRelease.Fixtures;

/// <summary>Small images in code: busybox and what a test adds.</summary>
public static class TestImage
{
    private static readonly string[] Applets = ["sh", "true", "false", "cat", "echo", "ls", "id", "env", "sleep", "mkdir", "rm", "ln", "chown", "chmod", "stat", "nc", "wget", "nslookup", "mount", "touch", "dd", "ps", "kill", "setsid", "hostname", "ulimit", "readlink", "unshare"];

    /// <summary>The tar of a tree that has a shell and the usual small programs.</summary>
    public static TarBuilder Busybox()
    {
        var program = ((string[])["/bin/busybox", "/usr/bin/busybox"]).FirstOrDefault(File.Exists)
            ?? throw new AssertFailedException("busybox is not installed; run eng/setup test (package busybox-static or busybox).");
        var tar = WithLibraries(new TarBuilder(), program).Folder("./").Folder("bin").Folder("etc").Folder("root").Folder("tmp", 0b1_111_111_111).File("bin/busybox", File.ReadAllBytes(program), 0b111_101_101)
            .File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
        foreach (var applet in Applets)
        {
            tar.Link($"bin/{applet}", "busybox");
        }

        return tar;
    }

    /// <summary>Busybox is a single file in most distributions; where it is not, its libraries come along.</summary>
    private static TarBuilder WithLibraries(TarBuilder tar, string program)
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", [program]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        foreach (var word in ldd.StandardOutput.ReadToEnd().Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith('/') && File.Exists(word))
            {
                tar.File(word.TrimStart('/'), File.ReadAllBytes(word), 0b111_101_101);
            }
        }

        ldd.WaitForExit();
        return tar;
    }

    /// <summary>An image of whole tars, lowest first, written below a folder.</summary>
    public static Image Of(string folder, params byte[][] layers) => Of(folder, LayerCompression.None, layers);

    /// <summary>The same with a packing.</summary>
    public static Image Of(string folder, LayerCompression compression, params byte[][] layers)
    {
        ImmutableArray<ImageLayer> packed = [.. layers.Select(layer => Layer(folder, compression, layer))];
        return new Image("test", packed[^1].DiffId, packed, ImageConfig.Empty) { Platform = Platform.Current, Manifest = packed[^1].DiffId };
    }

    private static ImageLayer Layer(string folder, LayerCompression compression, byte[] tar)
    {
        var diffId = Digest.Of(tar);
        var bytes = compression switch { LayerCompression.Gzip => Gzip(tar), LayerCompression.Zstd => Storage.Zstd.Compress(tar), LayerCompression.Xz => Xz(tar), _ => tar };
        var path = Path.Combine(folder, $"{diffId.Hex}.{compression}");

        // Images made at once share layers: one that is being read is never written to.
        var unfinished = $"{path}.{Guid.NewGuid():n}";
        File.WriteAllBytes(unfinished, bytes);
        File.Move(unfinished, path, overwrite: true);
        return new ImageLayer(diffId, path, compression) { Digest = Digest.Of(bytes), Size = bytes.Length };
    }

    /// <summary>What the program xz makes of bytes.</summary>
    public static byte[] Xz(byte[] bytes)
    {
        var outcome = Processes.Exec.RunAsync(new Processes.Command("xz", "-0", "-c") { Input = bytes }, CancellationToken.None).GetAwaiter().GetResult();
        return outcome.ExitCode is 0 ? [.. outcome.OutputBytes.Span] : throw new InvalidOperationException(outcome.Error);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
