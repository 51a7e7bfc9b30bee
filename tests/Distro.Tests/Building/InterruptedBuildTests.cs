using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>Two builds at once that are ended while they run.</summary>
[TestClass]
public sealed partial class InterruptedBuildTests(TestContext test)
{
    private const int Patience = 300_000;
    private const int Interrupt = 2;
    private const int Kill = 9;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow(Interrupt, true, 130)]
    [DataRow(Interrupt, false, 130)]
    [DataRow(Kill, false, 128 + Kill)]
    public async Task No_process_no_mount_and_no_result_remains_and_the_next_run_builds(int signal, bool wholeGroup, int exitCode)
    {
        using var build = await SleepingBuild.StartAsync(Ct);
        await build.UntilItSleepsAsync(Ct);

        Assert.AreEqual(0, kill(wholeGroup ? -build.Tool.Id : build.Tool.Id, signal));
        await build.Tool.WaitForExitAsync(Ct);

        Assert.AreEqual(exitCode, build.Tool.ExitCode);
        for (var waited = 0; build.Remains().Length > 0 && waited < 100; waited++)
        {
            // What the kernel ends for us takes a moment.
            await Task.Delay(100, Ct);
        }

        Assert.AreEqual("", build.Remains());
        Assert.IsEmpty(build.Project.ResultNames());

        build.Project.Write("specs/time", "0");
        Assert.AreEqual("local built, other built", string.Join(", ", (await build.Project.BuildAsync(Ct, "probe")).Select(each => $"{each.GetProperty("target")} {each.GetProperty("state")}")));
        Assert.HasCount(6, build.Project.ResultNames());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_second_run_in_the_same_project_is_told_to_wait()
    {
        using var build = await SleepingBuild.StartAsync(Ct);
        await build.UntilItSleepsAsync(Ct);

        var second = await build.Project.RunAsync(Ct, "rpm", "probe");

        Assert.AreEqual(8, second.ExitCode, second.Error);
        Assert.MatchesRegex($"error REL0011 : Building: the lock '.*' is held by pid {build.Tool.Id} on .* since [0-9]{{4}}-", second.Error);
        Assert.IsTrue(build.IsAsleep, "The first run goes on.");
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    /// <summary>A run of the tool whose build sleeps, in a way that shows in the list of this machine's processes.</summary>
    private sealed class SleepingBuild : IDisposable
    {
        /// <summary>Processes that sleep in each of the two builds.</summary>
        private const int Sleepers = 2;

        private readonly string _time = string.Create(CultureInfo.InvariantCulture, $"1000.{Environment.ProcessId}{Environment.TickCount64}");

        private SleepingBuild(BuildProject project) => Project = project;

        public BuildProject Project { get; }

        /// <summary>Head of a process group of its own, as a terminal starts it.</summary>
        public Process Tool { get; private set; } = null!;

        public bool IsAsleep => CommandLines().Count(line => line == $"sleep {_time}") is 2 * Sleepers;

        public static async Task<SleepingBuild> StartAsync(CancellationToken ct)
        {
            var build = new SleepingBuild(await BuildProject.OfSpecAsync("%build\nsetsid sleep \"$(cat %{SOURCE0})\" &\nsleep \"$(cat %{SOURCE0})\"\n\n%files\n", "Source0: time"));
            build.Project.Write("specs/time", build._time);
            build.Project.Write("release.toml", build.Project.Read("release.toml") + "\n\n[target.other]\nimage = \"rootfs:distro.tar\"\n");
            ct.ThrowIfCancellationRequested();
            var command = build.Project.Tool("rpm", "probe", "--jobs", "2");
            var start = new ProcessStartInfo("setsid", [command.Program, .. command.Arguments]) { WorkingDirectory = command.WorkingDirectory };
            foreach (var (name, value) in command.Environment)
            {
                start.Environment[name] = value;
            }

            build.Tool = Process.Start(start)!;
            return build;
        }

        public async Task UntilItSleepsAsync(CancellationToken ct)
        {
            while (!IsAsleep)
            {
                Assert.IsFalse(Tool.HasExited, "The tool ended before the build slept.");
                await Task.Delay(100, ct);
            }
        }

        /// <summary>Processes of the build, of its container and of the tool, and mounts of what is theirs in any namespace.</summary>
        public string Remains()
        {
            var names = (string[])[Project.Root, Project.Places.Data, $"sleep {_time}"];
            return string.Join('\n', CommandLines().Concat(Mounts()).Where(line => names.Any(name => line.Contains(name, StringComparison.Ordinal))));
        }

        public void Dispose()
        {
            if (!Tool.HasExited)
            {
                Tool.Kill();
                Tool.WaitForExit();
            }

            Tool.Dispose();
            Project.Dispose();
        }

        private static IEnumerable<string> CommandLines() => Read("cmdline").Select(text => text.TrimEnd('\0').Replace('\0', ' '));

        private static IEnumerable<string> Mounts() => Read("mountinfo").SelectMany(text => text.Split('\n')).Distinct();

        private static IEnumerable<string> Read(string file)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
            {
                string text;
                try
                {
                    text = File.ReadAllText(Path.Combine(process, file), Encoding.Latin1);
                }
                catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
                {
                    // It ended, or is somebody else's.
                    continue;
                }

                yield return text;
            }
        }
    }
}
