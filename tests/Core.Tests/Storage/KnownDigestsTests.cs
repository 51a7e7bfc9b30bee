using System.Diagnostics;
using DotnetRelease.Fixtures;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class KnownDigestsTests(TestContext test)
{
    private static readonly Digest Wrong = Digest.Of("a digest that no file here has");

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task A_remembered_file_is_not_read_again()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");

        // A lie shows whether the file was read.
        Open(scratch).Remember(path, Wrong);

        Assert.AreEqual(Wrong, await Open(scratch).OfFileAsync(path, Ct));
    }

    [TestMethod]
    [DataRow("write")]
    [DataRow("write and restore the time")]
    [DataRow("append")]
    [DataRow("truncate")]
    [DataRow("replace by rename")]
    [DataRow("move away and back")]
    [DataRow("chmod")]
    public async Task Whatever_touches_a_file_makes_it_be_read_again(string how)
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");

        // A time that .NET can restore exactly: it knows no single nanoseconds.
        File.SetLastWriteTimeUtc(path, new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Open(scratch).Remember(path, Wrong);
        await Task.Delay(50, Ct);

        Touch(scratch, path, how);

        Assert.AreEqual(await Digest.OfFileAsync(path, Ct), await Open(scratch).OfFileAsync(path, Ct));
    }

    [TestMethod]
    public async Task A_file_that_just_changed_is_hashed_but_not_yet_remembered()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");

        Assert.AreEqual(Digest.Of("text"), await Open(scratch).OfFileAsync(path, Ct));

        Assert.IsFalse(File.Exists(scratch["known"]));
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_settled_file_is_remembered_by_looking_at_it()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");
        await Task.Delay(2_200, Ct);

        Assert.AreEqual(Digest.Of("text"), await Open(scratch).OfFileAsync(path, Ct));

        Assert.Contains($"{path}\t", await File.ReadAllTextAsync(scratch["known"], Ct), StringComparison.Ordinal);
        Assert.AreEqual(Digest.Of("text"), await Open(scratch).OfFileAsync(path, Ct));
    }

    [TestMethod]
    [DataRow("no tabs at all\n")]
    [DataRow("\t\t\n")]
    [DataRow("/x\t1 2 3 4 5\tsha256:short\n")]
    [DataRow("/x\t1 2 3 4\tsha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    [DataRow("\0\0\0\0\0\0\0\0")]
    public async Task A_damaged_line_is_forgotten_and_the_others_count(string line)
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");
        Open(scratch).Remember(path, Wrong);
        var good = await File.ReadAllTextAsync(scratch["known"], Ct);
        await File.WriteAllTextAsync(scratch["known"], good + line, Ct);

        Assert.AreEqual(Wrong, await Open(scratch).OfFileAsync(path, Ct));
        await File.WriteAllTextAsync(scratch["known"], good[..^10] + line, Ct);
        Assert.AreEqual(Digest.Of("text"), await Open(scratch).OfFileAsync(path, Ct));
    }

    [TestMethod]
    public async Task A_long_list_is_written_anew_with_what_is_still_true()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");
        Open(scratch).Remember(path, Wrong);
        var line = await File.ReadAllTextAsync(scratch["known"], Ct);
        await File.WriteAllTextAsync(scratch["known"], string.Concat(Enumerable.Repeat(line.Replace("/file\t", "/gone\t", StringComparison.Ordinal), 5000)) + line, Ct);

        Assert.AreEqual(Wrong, await Open(scratch).OfFileAsync(path, Ct));

        Assert.AreEqual(line, await File.ReadAllTextAsync(scratch["known"], Ct));
    }

    [TestMethod]
    public async Task A_list_that_cannot_be_written_costs_only_time()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");
        scratch.Folder("known");

        Open(scratch).Remember(path, Digest.Of("text"));

        Assert.AreEqual(Digest.Of("text"), await Open(scratch).OfFileAsync(path, Ct));
    }

    [TestMethod]
    public async Task A_dry_run_writes_no_list()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("file", "text");
        var known = new KnownDigests(scratch["known"]) { MayWrite = false };

        known.Remember(path, Wrong);

        Assert.AreEqual(Wrong, await known.OfFileAsync(path, Ct));
        Assert.IsFalse(File.Exists(scratch["known"]));
    }

    [TestMethod]
    public async Task A_file_that_is_not_there_is_a_fault()
    {
        using var scratch = new Scratch();

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Open(scratch).OfFileAsync(scratch["none"], Ct));

        Assert.AreEqual(Fault.FileUnreadable, error.Fault);
    }

    [TestMethod]
    [Timeout(15_000, CooperativeCancellation = true)]
    public async Task A_pipe_is_not_waited_for()
    {
        using var scratch = new Scratch();
        using var make = Process.Start("mkfifo", [scratch["pipe"]]);
        await make.WaitForExitAsync(Ct);

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Open(scratch).OfFileAsync(scratch["pipe"], Ct));

        Assert.AreEqual(Fault.FileUnreadable, error.Fault);
    }

    private static KnownDigests Open(Scratch scratch) => new(scratch["known"]);

    private static void Touch(Scratch scratch, string path, string how)
    {
        var time = File.GetLastWriteTimeUtc(path);
        switch (how)
        {
            case "write":
                File.WriteAllText(path, "TEXT");
                break;
            case "write and restore the time":
                File.WriteAllText(path, "TEXT");
                File.SetLastWriteTimeUtc(path, time);
                break;
            case "append":
                File.AppendAllText(path, "!");
                break;
            case "truncate":
                File.WriteAllText(path, "");
                break;
            case "replace by rename":
                File.WriteAllText(scratch["other"], "TEXT");
                File.SetLastWriteTimeUtc(scratch["other"], time);
                File.Move(scratch["other"], path, overwrite: true);
                break;
            case "move away and back":
                File.Move(path, scratch["away"]);
                File.Move(scratch["away"], path);
                break;
            case "chmod":
                File.SetUnixFileMode(path, UnixFileMode.UserRead);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }
}
