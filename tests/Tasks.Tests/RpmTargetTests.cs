using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tasks.Tests;

[TestClass]
public sealed class RpmTargetTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Binary = "hello-1.0.0-1.deb12.noarch.rpm";
    private const string Source = "hello-1.0.0-1.deb12.src.rpm";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task An_application_becomes_an_RPM_and_a_second_build_does_nothing()
    {
        using var project = await RpmProject.CreateAsync(Ct);

        var files = await project.ItemsAsync("DotnetReleaseRpm", "DotnetReleaseRpmFile");

        CollectionAssert.AreEquivalent((string[])[Binary, Source], files.Keys.ToArray());
        Assert.AreEqual("hello local hello-1.0.0-1.deb12.noarch built ", Metadata(files[Binary], "Rpm", "RpmTarget", "Nevra", "State", "Signer"));
        var path = files[Binary].GetProperty("Identity").GetString()!;
        Assert.AreEqual((await Digest.OfFileAsync(path, Ct)).Hex, files[Binary].GetProperty("Sha256").GetString());
        Assert.AreEqual("/usr/bin/hello\n/usr/lib/hello\n/usr/lib/hello/hello.deps.json\n/usr/lib/hello/hello.dll\n/usr/lib/hello/hello.runtimeconfig.json\n", await RpmJudge.QueryAsync(path, "[%{FILENAMES}\n]"));

        // Again, in words, and what is returned is the same.
        var before = Times(project);
        var again = await project.BuildAsync("DotnetReleaseRpm", "-v:n");
        Assert.Contains("Skipping target \"_DotnetReleaseBuildRpm\" because all output files are up-to-date", again, StringComparison.Ordinal);
        Assert.Contains("Skipping target \"PackApplication\"", again, StringComparison.Ordinal);
        var result = await project.BuildAsync("DotnetReleaseRpm", "-getTargetResult:DotnetReleaseRpm");
        using var json = JsonDocument.Parse(result);
        var items = json.RootElement.GetProperty("TargetResults").GetProperty("DotnetReleaseRpm").GetProperty("Items");
        CollectionAssert.AreEquivalent((string[])[Binary, Source], items.EnumerateArray().Select(item => Path.GetFileName(item.GetProperty("Identity").GetString())).ToArray());
        CollectionAssert.AreEqual(before, Times(project));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_that_went_away_and_an_input_that_changed_are_built_again()
    {
        using var project = await RpmProject.CreateAsync(Ct);
        await project.BuildAsync("DotnetReleaseRpm");

        File.Delete(project[$"dist/rpm/local/{Binary}"]);
        Assert.AreEqual("built", (await project.ItemsAsync("DotnetReleaseRpm", "DotnetReleaseRpmFile"))[Binary].GetProperty("State").GetString());

        // Only the time: the task looks, finds the same inputs, and leaves the packages alone.
        var before = Times(project);
        File.SetLastWriteTimeUtc(project["rpm-specs/hello/hello.spec"], DateTime.UtcNow);
        Assert.AreEqual("up-to-date", (await project.ItemsAsync("DotnetReleaseRpm", "DotnetReleaseRpmFile"))[Binary].GetProperty("State").GetString());
        CollectionAssert.AreEqual(before, Times(project));

        project.Replace("rpm-specs/hello/hello.spec", "Release:        1%", "Release:        2%");
        Assert.AreEqual("built", (await project.ItemsAsync("DotnetReleaseRpm", "DotnetReleaseRpmFile"))["hello-1.0.0-2.deb12.noarch.rpm"].GetProperty("State").GetString());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Another_request_is_not_up_to_date_by_the_times_of_files()
    {
        using var project = await RpmProject.CreateAsync(Ct);
        await project.BuildAsync("DotnetReleaseRpm");

        var output = await project.BuildAsync("DotnetReleaseRpm", "-p:DotnetReleaseOutput=other", "-v:n");

        Assert.DoesNotContain("Skipping target \"_DotnetReleaseBuildRpm\"", output, StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(project[$"other/local/{Binary}"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Plan_says_what_and_why_without_building()
    {
        using var project = await RpmProject.CreateAsync(Ct);

        var build = (await project.ItemsAsync("DotnetReleasePlan", "DotnetReleaseBuild")).Single();

        Assert.AreEqual("hello-local-x86_64", build.Key);
        Assert.AreEqual("hello 1.0.0 local x86_64 build hello-1.0.0-1%{?dist}.noarch,hello-1.0.0-1%{?dist}.src", Metadata(build.Value, "Rpm", "Version", "RpmTarget", "Arch", "State", "Nevra"));
        Assert.IsFalse(Directory.Exists(project["dist"]));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_failed_build_is_an_error_with_its_code_and_is_tried_again()
    {
        using var project = await RpmProject.CreateAsync(Ct);
        project.Replace("rpm-specs/hello/hello.spec", "%setup -q", "false");

        foreach (var _ in (int[])[1, 2])
        {
            var failed = await project.RunAsync("build", "--no-restore", "-t:DotnetReleaseRpm");
            Assert.AreEqual(1, failed.ExitCode);
            StringAssert.Matches(failed.Output, new("error REL3102: "));
            Assert.IsFalse(failed.Output.Contains("   at DotnetRelease.", StringComparison.Ordinal), failed.Output);
        }

        var engine = await project.RunAsync("build", "--no-restore", "-t:DotnetReleaseRpm", "-p:DotnetReleaseEngine=chroot");
        StringAssert.Matches(engine.Output, new("error REL0001: 'chroot' is no container engine"));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Wrong_settings_are_an_error_with_file_line_and_column()
    {
        using var project = await RpmProject.CreateAsync(Ct);
        project.Replace("release.toml", "spec = ", "spek = ");

        var outcome = await project.RunAsync("build", "--no-restore", "-t:DotnetReleasePlan");

        StringAssert.Matches(outcome.Output, new(@"release\.toml\(7,1\): error REL0004: "));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Signing_and_publishing_follow_and_do_nothing_the_second_time()
    {
        var key = await TestKey.Ed25519;
        using var project = await RpmProject.CreateAsync(Ct);
        project.GnupgHome = key.Home;
        project.Write("release.toml", await File.ReadAllTextAsync(project["release.toml"], Ct) + $"\n[signing]\nkey = \"{key.Fingerprint}\"\n[repository.qa]\nurl = \"file:repo\"\n");

        var published = await project.ItemsAsync("DotnetReleasePublish", "DotnetReleasePublished");
        var times = Times(project);
        var again = await project.BuildAsync("DotnetReleaseSign", "-v:n");
        var signed = await project.ItemsAsync("DotnetReleaseSign", "DotnetReleaseRpmFile");
        var present = await project.ItemsAsync("DotnetReleasePublish", "DotnetReleasePublished");

        Assert.AreEqual("local published " + key.Fingerprint, Metadata(published["hello-1.0.0-1.deb12.noarch"], "RpmTarget", "State", "Signer"));
        Assert.Contains("Skipping target \"_DotnetReleaseSignRpm\"", again, StringComparison.Ordinal);
        Assert.AreEqual("signed " + key.Fingerprint, Metadata(signed[Binary], "State", "Signer"));
        Assert.AreEqual("present", present["hello-1.0.0-1.deb12.noarch"].GetProperty("State").GetString());
        CollectionAssert.AreEqual(times, Times(project));
        CollectionAssert.AreEqual((string[])["digests signatures OK"], await RpmJudge.CheckAsync([project[$"dist/rpm/local/{Binary}"]], key));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Neither_the_binary_log_nor_a_command_line_has_a_secret()
    {
        // Cases 81 and 82. What GitHub, S3 and gpg get from the environment must not come near a property, an item or an argument. MSBuild itself
        // logs variables whose names begin with DOTNET_ or MSBUILD, so none of ours that holds a secret may.
        var canary = "CANARY_" + Guid.NewGuid().ToString("N");
        using var project = await RpmProject.CreateAsync(Ct);
        foreach (var name in (string[])["GITHUB_TOKEN", "GH_TOKEN", "AWS_SECRET_ACCESS_KEY", KeyVariable.Name])
        {
            project.Environment[name] = canary;
        }

        var running = project.RunAsync("build", "--no-restore", "-t:DotnetReleaseRpm", "-v:diag", "-bl:all.binlog");
        var seen = 0;
        while (!running.IsCompleted)
        {
            seen += CommandLines().Count(line => line.Contains(canary, StringComparison.Ordinal));
            await Task.Delay(50, Ct);
        }

        var outcome = await running;
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.AreEqual(0, seen);
        Assert.AreEqual(-1, (outcome.Output + outcome.Error).IndexOf(canary, StringComparison.Ordinal));
        using var log = new GZipStream(File.OpenRead(project["all.binlog"]), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await log.CopyToAsync(bytes, Ct);
        Assert.AreEqual(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)));
        Assert.IsGreaterThan(0, bytes.ToArray().AsSpan().IndexOf("DotnetReleaseRpmFile"u8));
        foreach (var file in Directory.EnumerateFiles(project["dist"], "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(project[".release"], "*", SearchOption.AllDirectories)))
        {
            Assert.AreEqual(-1, (await File.ReadAllBytesAsync(file, Ct)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)), file);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Interrupting_the_build_ends_the_container()
    {
        using var project = await RpmProject.CreateAsync(Ct);
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        project.Replace("rpm-specs/hello/hello.spec", "%setup -q", $"sleep {mark}");
        using var build = Process.Start(ToStartInfo(project.Dotnet("build", "--no-restore", "-t:DotnetReleaseRpm")))!;
        var output = build.StandardOutput.ReadToEndAsync(Ct);
        while (!CommandLines().Any(line => line.Contains($"sleep {mark}", StringComparison.Ordinal)))
        {
            Assert.IsFalse(build.HasExited, "The build ended before it slept.");
            await Task.Delay(100, Ct);
        }

        await Exec.ReadAsync(new Command("kill", ["-INT", $"{build.Id}"]), Ct);

        await build.WaitForExitAsync(Ct);
        Assert.AreNotEqual(0, build.ExitCode, await output);
        while (CommandLines().Any(line => line.Contains(mark, StringComparison.Ordinal)))
        {
            await Task.Delay(100, Ct);
        }

        Assert.IsFalse(File.Exists(project["obj/dotnet-release/built.json"]));
    }

    private static ProcessStartInfo ToStartInfo(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments) { WorkingDirectory = command.WorkingDirectory, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            var line = "";
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // It has ended, or it is somebody else's.
            }

            yield return line;
        }
    }

    private static string[] Times(RpmProject project) =>
        [.. new DirectoryInfo(project["dist"]).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => $"{file.Name} {file.LastWriteTimeUtc:O}")];

    private static string Metadata(JsonElement item, params string[] names) => string.Join(' ', names.Select(name => item.GetProperty(name).GetString()));
}
