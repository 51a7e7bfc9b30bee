extern alias holder;

using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using DotnetRelease.Fixtures;
using holder::DotnetRelease.Containers.Wire;
using holder::DotnetRelease.Holder.Launch;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>Launchers as programs of this machine. Their reports go to standard output, before what their command prints.</summary>
[TestClass]
public sealed class LauncherTests(TestContext test)
{
    private const int NoExecutable = 8;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_launcher_becomes_its_command_with_exactly_the_given_arguments_environment_and_folder()
    {
        var end = await RunAsync(Request("sh", "-c", "printf '%s|' \"$@\"; pwd; tr '\\0' '\\n' < /proc/self/environ; ls /proc/self/fd | wc -l; exit 7", "name", "a b", "", "ü") with
        {
            WorkingDirectory = "/usr",
            Environment = ["PATH=/usr/bin:/bin", "GIVEN=x=y", "EMPTY="],
        });

        // Four: the three streams, and the folder that ls reads.
        Assert.AreEqual((7, "aa b||ü|/usr\nPATH=/usr/bin:/bin\nGIVEN=x=y\nEMPTY=\nHOME=/root\n4\n"), Text(end));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_search_goes_on_after_folders_without_the_program_and_with_one_that_cannot_be_run()
    {
        using var scratch = new Scratch();
        scratch.Write("closed/tool", "#!/bin/sh\necho wrong\n");
        Script(scratch.Write("open/tool", "#!/bin/sh\necho right\n"));

        var found = await RunAsync(Request("tool") with { Environment = [$"PATH=/no/such/folder:/etc/passwd:{scratch["closed"]}:{scratch["open"]}:/bin"] });
        var refused = await RunAsync(Request("tool") with { Environment = [$"PATH={scratch["closed"]}:/no/such/folder"] });

        Assert.AreEqual((0, "aright\n"), Text(found));
        AssertFailed(refused, LaunchStep.Start, Errors.Denied, 126);
    }

    [TestMethod]
    [DataRow("no-such-program", Errors.NoSuchFile, 127)]
    [DataRow("/no/such/program", Errors.NoSuchFile, 127)]
    [DataRow("", Errors.NoSuchFile, 127)]
    [DataRow("/etc", Errors.Denied, 126)]
    [DataRow("SCRIPT-WITHOUT-INTERPRETER", Errors.NoSuchFile, 127)]
    [DataRow("TEXT", NoExecutable, 126)]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_cannot_be_run_is_reported_with_its_reason(string program, int error, int exitCode)
    {
        using var scratch = new Scratch();
        var path = program switch
        {
            "SCRIPT-WITHOUT-INTERPRETER" => Script(scratch.Write("script", "#!/no/such/interpreter\n")),
            "TEXT" => Script(scratch.Write("text", "just text")),
            _ => program,
        };

        AssertFailed(await RunAsync(Request(path)), LaunchStep.Start, error, exitCode);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_missing_folder_is_reported_and_nothing_is_run() =>
        AssertFailed(await RunAsync(Request("echo", "ran") with { WorkingDirectory = "/no/such/folder" }), LaunchStep.EnterFolder, Errors.NoSuchFile, 126);

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Another_user_is_taken_before_anything_else_or_nothing_is_run()
    {
        var request = Request("sh", "-c", "id -u; id -g; id -G; grep ^CapEff /proc/self/status; awk '/^Max processes/ { print $3, $4 }' /proc/self/limits") with
        {
            Capabilities = ["CAP_SETUID", "CAP_SETGID"],
            Limits = new LimitRequest(0, 5, 0, Group: false),
        };
        var end = await RunAsync(request, new Account(1234, 567, [8, 9], "/"));

        if (Environment.UserName is "root")
        {
            Assert.AreEqual((0, "a1234\n567\n567 8 9\nCapEff:\t0000000000000000\n5 5\n"), Text(end));
        }
        else
        {
            const int notPermitted = 1;
            AssertFailed(end, LaunchStep.BecomeUser, notPermitted, 126, arrived: false);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_command_has_the_capabilities_it_is_given_and_the_bound_has_no_others()
    {
        var request = Request("grep", "^Cap", "/proc/self/status");
        var none = await RunAsync(request);
        var some = await RunAsync(request with { Capabilities = ["CAP_FOWNER", "CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"] });

        Assert.AreEqual((0, "a" + Rights("0000000000000000")), Text(none));
        Assert.AreEqual((0, "a" + Rights("0000010000000009")), Text(some));

        static string Rights(string mask) => $"CapInh:\t0000000000000000\nCapPrm:\t{mask}\nCapEff:\t{mask}\nCapBnd:\t{mask}\nCapAmb:\t0000000000000000\n";
    }

    [TestMethod]
    public void The_names_of_capabilities_are_in_the_kernels_order()
    {
        const string header = "/usr/include/linux/capability.h";
        if (!File.Exists(header))
        {
            Assert.Inconclusive("The kernel's headers are not installed.");
        }

        var lines = File.ReadLines(header).Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        foreach (var line in lines.Where(line => line is ["#define", var name, var number, ..] && name.StartsWith("CAP_", StringComparison.Ordinal) && name is not "CAP_LAST_CAP" && int.TryParse(number, out _)))
        {
            Assert.AreEqual(1UL << int.Parse(line[2], provider: null), CapabilityMask.Of([line[1]]), line[1]);
        }

        Assert.ThrowsExactly<ArgumentException>(() => CapabilityMask.Of(["CAP_NONE"]));
    }

    [TestMethod]
    public void Code_for_the_other_processor_is_what_an_assembler_makes()
    {
        var code = MachineCode.For(Architecture.Arm64);
        code.Invoke(Call.Write, 1, 0x1122334455667788);
        code.LeaveIfFailed(0x20000000, LaunchStep.EnterFolder);
        code.LeaveUnlessMissing(0x20000000);
        code.Here();

        Assert.AreEqual(
            "d2800020 f2a00000 f2c00000 f2e00000 " // mov x0, 1
            + "d28ef101 f2aaacc1 f2c66881 f2e22441 " // mov x1, 0x1122334455667788
            + "d2800808 f2a00008 f2c00008 f2e00008 d4000001 " // mov x8, 64; svc #0
            + "f100001f 54000185 " // cmp x0, #0; b.pl +12
            + "d2800009 f2a40009 f2c00009 f2e00009 " // mov x9, 0x20000000
            + "d280006a f2a0000a f2c0000a f2e0000a " // mov x10, 3
            + "b900012a b9000520 1400000c " // str w10, [x9]; str w0, [x9, #4]; b +12
            + "b100081f 54000140 b100501f 54000100 " // cmn x0, #2; b.eq +10; cmn x0, #20; b.eq +8
            + "d2800009 f2a40009 f2c00009 f2e00009 b9000520 " // mov x9, 0x20000000; str w0, [x9, #4]
            + "b100341f 54000021", // cmn x0, #13; b.ne +1
            string.Join(' ', MemoryMarshal.Cast<byte, uint>(code.Bytes).ToArray().Select(word => $"{word:x8}")));
    }

    private static SandboxRequest Request(params string[] command) => new() { Command = [.. command], Environment = ["PATH=/usr/bin:/bin"] };

    private static string Script(string path)
    {
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    private static (int ExitCode, string Output) Text((int ExitCode, byte[] Output) end) => (end.ExitCode, Encoding.UTF8.GetString(end.Output));

    private static void AssertFailed((int ExitCode, byte[] Output) end, LaunchStep step, int error, int exitCode, bool arrived = true)
    {
        var report = end.Output.AsSpan(arrived ? 1 : 0);
        Assert.AreEqual(8, report.Length, Text(end).Output);
        var message = new LaunchMessage(0, -1) { Failed = ((LaunchStep)BinaryPrimitives.ReadInt32LittleEndian(report), -BinaryPrimitives.ReadInt32LittleEndian(report[4..])) };
        Assert.AreEqual(((step, error), exitCode, 126), (message.Failed!.Value, message.ExitCode, end.ExitCode));
    }

    private async Task<(int ExitCode, byte[] Output)> RunAsync(SandboxRequest request, Account? account = null)
    {
        using var scratch = new Scratch();
        var path = scratch["launcher"];
        await File.WriteAllBytesAsync(path, new Launcher(request, account ?? Account.Root, 1, MachineCode.ForThisMachine()).Build(), Ct);
        File.SetUnixFileMode(scratch.Root, (UnixFileMode)0b111_101_101);

        // A launcher starts as root of its namespace, with something to give up.
        string[] words = Environment.UserName is "root" ? [Script(path)] : ["unshare", "--user", "--map-root-user", Script(path)];
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output, Ct);
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, output.ToArray());
    }
}
