using System.Text;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class BuildLogTests
{
    [TestMethod]
    public async Task The_file_has_everything_and_the_tail_the_last_forty_lines()
    {
        using var scratch = new Scratch();
        var text = string.Concat(Enumerable.Range(1, 100).Select(number => $"line {number}\n"));

        string tail;
        await using (var log = new BuildLog(scratch["build.log"]))
        {
            log.Write(Encoding.UTF8.GetBytes(text));
            tail = log.Tail;
        }

        Assert.AreEqual(text, await File.ReadAllTextAsync(scratch["build.log"]));
        Assert.AreEqual(string.Join('\n', Enumerable.Range(61, 40).Select(number => $"line {number}")), tail);
    }

    [TestMethod]
    public async Task A_last_line_without_an_end_belongs_to_the_tail()
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);

        log.Write("first\nsec"u8);
        log.Write("ond"u8);

        Assert.AreEqual("first\nsecond", log.Tail);
    }

    [TestMethod]
    public async Task A_character_cut_in_two_writes_stays_whole()
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);
        var bytes = "größe"u8.ToArray();

        log.Write(bytes.AsSpan(0, 3));
        log.Write(bytes.AsSpan(3));

        Assert.AreEqual("größe", log.Tail);
    }

    [TestMethod]
    [DataRow("curl: (6) Could not resolve host: pypi.org")]
    [DataRow("urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>")]
    [DataRow("OSError: [Errno 101] Network is unreachable")]
    [DataRow("npm error code EAI_AGAIN")]
    public async Task A_program_that_misses_the_network_is_recognised(string line)
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);

        log.Write(Encoding.UTF8.GetBytes($"before\n{line}\nafter\n"));

        Assert.IsTrue(log.WantedNetwork);
    }

    [TestMethod]
    public async Task An_ordinary_failure_is_not_blamed_on_the_network()
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);

        log.Write("error: Bad exit status from /var/tmp/rpm-tmp.x (%build)\n"u8);

        Assert.IsFalse(log.WantedNetwork);
    }

    // cases.md 39
    [TestMethod]
    [DataRow("dd: error writing 'x': No space left on device")]
    [DataRow("cp: error writing 'x': Disk quota exceeded")]
    [DataRow("   At least 12MB more space needed on the / filesystem.")]
    public async Task A_full_disk_is_recognised(string line)
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);

        log.Write("df: 100% used\n"u8);
        Assert.IsFalse(log.FoundDiskFull);
        log.Write(Encoding.UTF8.GetBytes(line + "\n"));

        Assert.IsTrue(log.FoundDiskFull);
    }

    [TestMethod]
    [DataRow("sh: 1: Cannot fork")]
    [DataRow("bash: fork: retry: Resource temporarily unavailable")]
    [DataRow("BlockingIOError: [Errno 11] Resource temporarily unavailable")]
    [DataRow("MemoryError")]
    [DataRow("terminate called after throwing an instance of 'std::bad_alloc'")]
    [DataRow("cc1plus: out of memory allocating 65536 bytes after a total of 397312 bytes")]
    [DataRow("java.lang.OutOfMemoryError: Java heap space")]
    [DataRow("memory allocation of 1073741824 bytes failed")]
    [DataRow("[container] limit reached: 31 processes could not be started")]
    public async Task A_program_that_gets_no_more_memory_or_processes_is_recognised(string line)
    {
        using var scratch = new Scratch();
        await using var log = new BuildLog(scratch["build.log"]);

        log.Write("gcc -fno-such-thing\n"u8);
        Assert.IsFalse(log.RanOut);
        log.Write(Encoding.UTF8.GetBytes(line + "\n"));

        Assert.IsTrue(log.RanOut);
    }

    [TestMethod]
    public async Task A_log_that_cannot_be_written_is_a_failure_that_names_it()
    {
        using var scratch = new Scratch();
        scratch.Write("file", "x");
        var astray = Assert.ThrowsExactly<ReleaseException>(() => new BuildLog(scratch["file/build.log"]));
        await using var log = new BuildLog("/dev/full");
        var full = Assert.ThrowsExactly<ReleaseException>(() => log.Write("words\n"u8));

        Assert.AreEqual((Fault.WriteFailed, Fault.WriteFailed), (astray.Fault, full.Fault));
        Assert.StartsWith("The log '/dev/full' could not be written: No space left on device", full.Message, StringComparison.Ordinal);
    }
}
