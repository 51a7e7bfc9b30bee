using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Core.Tests.WheelFiles;

[TestClass]
public sealed class WheelProofTests(TestContext test)
{
    private const string Info = "greeter-1.0.dist-info";

    /// <summary>Each makes an archive that some readers take for another one than other readers do, or a wheel that is not what it says.</summary>
    private static readonly Dictionary<string, (Func<byte[]> Make, string Says)> Refused = new(StringComparer.Ordinal)
    {
        ["a parent folder"] = (() => With("../evil.py"), "segment of dots"),
        ["an absolute path"] = (() => With("/etc/x"), "absolute path"),
        ["a backslash"] = (() => With("a\\b.py"), "backslash"),
        ["a dot segment"] = (() => With("a/./b.py"), "segment of dots"),
        ["an empty segment"] = (() => With("a//b.py"), "empty segment"),
        ["a control character"] = (() => With("a\nb.py"), "control character"),
        ["a right-to-left mark"] = (() => With("a\u202Eb.py", new() { Flags = 1 << 11 }), "control character"),
        ["a name that is not said to be UTF-8"] = (() => With("\u00e9.py"), "not said to be UTF-8"),
        ["a long segment"] = (() => With(new string('a', 256)), "more than 255 bytes"),
        ["a link"] = (() => With("link", new() { Mode = 0xA1FF }), "neither a file nor a folder"),
        ["a device"] = (() => With("device", new() { Mode = 0x21FF }), "neither a file nor a folder"),
        ["a duplicate with other bytes"] = (() => WheelBytes.Greeter().Add("greeter.py", "print('other')\n", new() { InRecord = false }).Build(), "twice"),
        ["a file that is a folder too"] = (() => WheelBytes.Greeter().Add("a", "x").Add("a/b", "y").Build(), "is a file and the folder of another one"),
        ["an encrypted member"] = (() => With("secret", new() { Flags = 1 }), "encrypted"),
        ["another method"] = (() => With("lzma", new() { Method = 14 }), "another method"),
        ["another name in the local header"] = (() => With("good.py", new() { LocalName = "evil.py" }), "differ on 'good.py'"),
        ["another size in the directory"] = (() => With("good.py", new() { SizeError = 1 }), "differ on 'good.py'"),
        ["a wrong CRC"] = (() => With("good.py", new() { CrcError = 1 }), "with the CRC that its header promises"),
        ["a member that lies inside another"] = (() => With("inside.py", new() { Offset = 7 }), "members overlap"),
        ["bytes between members"] = (() => With("good.py", new() { After = [1, 2, 3] }), "members overlap, or something lies between"),
        ["a descriptor that is not there"] = (() => With("good.py", new() { Flags = 1 << 3 }), "is not the size that the directory gives it"),
        ["a second size"] = (() => With("good.py", new() { Extra = [1, 0, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8] }), "does not have what its header asks for"),
        ["a second name"] = (() => With("good.py", new() { Extra = [0x75, 0x70, 1, 0, 1] }), "second name or size"),
        ["torn extra fields"] = (() => With("good.py", new() { Extra = [9, 9, 200, 0] }), "extra fields"),
        ["a prefix"] = (() => WheelBytes.Greeter().Build(new() { Prefix = "#!/bin/sh\n"u8.ToArray() }), "its directory should be"),
        ["a prefix with right offsets"] = (() => WheelBytes.Greeter().Build(new() { Prefix = [0], OffsetError = 1 }), "the directory and the header at byte 0 differ"),
        ["a suffix"] = (() => WheelBytes.Greeter().Build(new() { After = [0] }), "no comment of it"),
        ["an end record in the comment"] = (() => WheelBytes.Greeter().Build(new() { Comment = [.. "PK\u0005\u0006"u8, .. new byte[18]] }), "its directory should be"),
        ["another directory before the end"] = (() => WheelBytes.Greeter().Build(new() { BeforeEnd = new byte[46] }), "its directory should be"),
        ["bytes before the directory"] = (() => WheelBytes.Greeter().Build(new() { BeforeDirectory = new byte[9] }), "nobody owns the bytes"),
        ["a directory with fewer members"] = (() => WheelBytes.Greeter().Build(new() { MoreCount = 1 }), "fewer members than its end record says"),
        ["a directory with more members"] = (() => WheelBytes.Greeter().Build(new() { MoreCount = -1 }), "bytes more than"),
        ["a ZIP64 that is not there"] = (() => WheelBytes.Greeter().Build(new() { Size = uint.MaxValue }), "ZIP64 record, and there is none"),
        ["a file that RECORD misses"] = (() => With("forgotten.py", new() { InRecord = false }), "RECORD does not have 'forgotten.py'"),
        ["a file that only RECORD has"] = (() => WheelBytes.Greeter().Record($"ghost.py,sha256={new string('A', 43)},1").Build(), "RECORD names 'ghost.py', which is not in it"),
        ["another digest"] = (() => WheelBytes.Greeter().Add("x.py", "x", new() { InRecord = false }).Record($"x.py,sha256={new string('A', 43)},1").Build(), "'x.py' has another sha256"),
        ["another size in RECORD"] = (() => WheelBytes.Greeter().Add("x.py", "x", new() { InRecord = false }).Record($"x.py,sha256={new string('A', 43)},2").Build(), "RECORD says 2 bytes"),
        ["no digest"] = (() => WheelBytes.Greeter().Add("x.py", "x", new() { InRecord = false }).Record("x.py,,").Build(), "no digest of 'x.py'"),
        ["md5"] = (() => WheelBytes.Greeter().Add("x.py", "x", new() { InRecord = false }).Record("x.py,md5=nOX5DGvAwwoVMQqCmOWZxg,1").Build(), "line 4 of its RECORD"),
        ["a RECORD with two lines of a file"] = (() => WheelBytes.Greeter().Record($"greeter.py,sha256={new string('A', 43)},1").Build(), "RECORD has 'greeter.py' twice"),
        ["a program with a path for a name"] = (() => WheelBytes.Greeter().Add($"{Info}/entry_points.txt", "[console_scripts]\n../../bin/sh = greeter:main\n").Build(), "'../../bin/sh', which is no file name"),
        ["two wheels in one"] = (() => WheelBytes.Greeter().Add("other-1.0.dist-info/METADATA", "x").Build(), "2 folders '*.dist-info'"),
        ["a web page"] = (() => "<!DOCTYPE html><html><body>404 not found"u8.ToArray(), "no end record of a ZIP"),
        ["nothing"] = (() => [], "no end record of a ZIP"),
    };

    private CancellationToken Ct => test.CancellationToken;

    public static IEnumerable<object[]> RefusedNames => Refused.Keys.Select(name => (object[])[name]);

    [TestMethod]
    [DynamicData(nameof(RefusedNames))]
    public async Task Cases_19_to_22_a_wheel_that_is_not_what_it_says_is_refused(string what)
    {
        using var scratch = new Scratch();
        var (make, says) = Refused[what];
        await File.WriteAllBytesAsync(scratch["x.whl"], make(), Ct);

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => WheelProof.DemandAsync(scratch["x.whl"], "x.whl", Ct));

        Assert.AreEqual(Fault.WheelRefused, thrown.Fault);
        Assert.Contains(says, thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_wheel_as_tools_make_it_is_accepted()
    {
        using var scratch = new Scratch();
        Func<byte[]>[] good =
        [
            () => WheelBytes.Greeter().Build(),
            () => WheelBytes.Greeter().Build(new() { Comment = "built by a test"u8.ToArray() }),
            () => WheelBytes.Greeter().Add("greeter/", "", new() { InRecord = false, IsDeflated = false, Mode = 0x41ED }).Add("greeter/x.py", "x", new() { IsDeflated = false, Mode = 0 }).Build(),
            () => WheelBytes.Greeter().Add("\u00e9.py", "x", new() { Flags = 1 << 11 }).Build(),
            () => WheelBytes.Greeter().Add("a,b.py", "x", new() { InRecord = false }).Record($"\"a,b.py\",sha256={Base64Url("x")},1").Build(),
            () => WheelBytes.Greeter().Add($"{Info}/entry_points.txt", "[console_scripts]\ngreet = greeter:main\n[other]\na/b = c\n").Build(),
        ];
        foreach (var make in good)
        {
            await File.WriteAllBytesAsync(scratch["x.whl"], make(), Ct);
            await WheelProof.DemandAsync(scratch["x.whl"], "x.whl", Ct);
        }
    }

    [TestMethod]
    [DataRow("zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED)", "z.writestr(name, data)")]
    [DataRow("zipfile.ZipFile(type('Pipe', (), {'write': lambda self, b: out.write(b), 'flush': lambda self: None})(), 'w', zipfile.ZIP_DEFLATED)", "z.writestr(name, data)")]
    [DataRow("zipfile.ZipFile(out, 'w', zipfile.ZIP_STORED)", "f = z.open(name, 'w', force_zip64=True); f.write(data); f.close()")]
    [Timeout(60_000)]
    public async Task A_wheel_that_python_wrote_is_accepted_also_through_a_pipe_and_in_zip64(string open, string write)
    {
        using var scratch = new Scratch();
        var script = $"""
            import base64, hashlib, io, sys, zipfile
            files = [('greeter/data', b'0123456789' * 10000), ('{Info}/METADATA', b'Name: greeter\n')]
            record = ''.join('%s,sha256=%s,%d\n' % (n, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b'=').decode(), len(d)) for n, d in files) + '{Info}/RECORD,,\n'
            out = open(sys.argv[1], 'wb')
            with {open} as z:
                for name, data in files + [('{Info}/RECORD', record.encode())]:
                    {write}
            out.close()
            """;
        await Exec.ReadAsync(new Command("python3", ["-c", script, scratch["x.whl"]]), Ct);

        await WheelProof.DemandAsync(scratch["x.whl"], "x.whl", Ct);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Case_22_a_bomb_is_refused_before_it_is_unpacked()
    {
        using var scratch = new Scratch();
        using (var zip = new ZipArchive(File.Create(scratch["x.whl"]), ZipArchiveMode.Create))
        {
            using var content = zip.CreateEntry("bomb", CompressionLevel.SmallestSize).Open();
            var zeros = new byte[1024 * 1024];
            for (var written = 0; written < 65; written++)
            {
                content.Write(zeros);
            }
        }

        var thrown = await Assert.ThrowsExactlyAsync<ReleaseException>(() => WheelProof.DemandAsync(scratch["x.whl"], "x.whl", Ct));

        Assert.Contains($"would unpack to {65 * 1024 * 1024}", thrown.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(120_000)]
    public async Task Only_our_own_exception_leaves_a_wheel_whatever_byte_is_changed()
    {
        using var scratch = new Scratch();
        var good = WheelBytes.Greeter().Add("more.py", "more\n", new() { IsDeflated = false }).Build();
        var accepted = 0;
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var change in (byte[])[1, 0x80, 0xFF])
            {
                var bytes = good.ToArray();
                bytes[at] ^= change;
                await File.WriteAllBytesAsync(scratch["x.whl"], bytes, Ct);
                try
                {
                    await WheelProof.DemandAsync(scratch["x.whl"], "x.whl", Ct);
                    accepted++;
                }
                catch (ReleaseException ex)
                {
                    Assert.AreEqual(Fault.WheelRefused, ex.Fault);
                }
            }
        }

        // Times, versions and attributes are in no digest; what is unpacked is.
        Assert.IsLessThan(good.Length, accepted);
    }

    private static byte[] With(string name, WheelBytes.Member? how = null) => WheelBytes.Greeter().Add(name, "content\n", how).Build();

    private static string Base64Url(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
