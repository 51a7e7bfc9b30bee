using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Sources;
using DotnetRelease.Storage;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>A project's own sdist, made by a real setuptools in a container, as the source of its package.</summary>
[TestClass]
public sealed class SdistBuildTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string SdistName = "probe-1.0.tar.gz";
    private const string Setuptools = "test -e /srv/prepared && python3 setup.py -q sdist";

    private readonly ListReporter _reporter = new();

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_is_built_from_an_sdist_that_is_the_same_wherever_and_whenever_it_is_made()
    {
        using var project = await CreateAsync($"sdist = [\"{Setuptools}\"]\nprepare = [\"touch /srv/prepared\"]\n");
        using var elsewhere = new Scratch();

        var foreseen = await project.RunAsync(Ct, "fetch", "probe", "--update", "--dry-run");
        var written = await project.RunAsync(Ct, "fetch", "probe", "--update");
        var results = await project.BuildAsync(Ct, "probe");

        Assert.Contains($"{SdistName}: would be made from git+file:.@v1.0, by '{Setuptools}' on local", foreseen.Error, StringComparison.Ordinal);
        Assert.AreEqual(0, written.ExitCode, written.Error);
        var binary = results.Single().GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!).Single(path => path.EndsWith(".noarch.rpm", StringComparison.Ordinal));
        var content = await Exec.ReadAsync(new Command("sh", "-c", "rpm2cpio \"$0\" | cpio --quiet -i --to-stdout ./usr/share/probe/PKG-INFO", binary), Ct);
        Assert.Contains("\nName: probe\n", content.Output, StringComparison.Ordinal);
        await NamesItsSourceAsync(project);

        // Another folder, time and umask, and no cache; the digest that was written down decides.
        await Exec.ReadAsync(new Command("sh", "-c", "umask 077 && cp -R \"$0\" \"$1\"", project.Root, elsewhere["clone"]), Ct);
        var kept = await FetchAsync(elsewhere["clone"], new Places(elsewhere["cache"], project.Places.Data), isOffline: true);
        Assert.Contains($"SHA512 ({SdistName}) = {kept.Digest.Hex}", project.Read("specs/sources"), StringComparison.Ordinal);
        var listed = await Exec.ReadAsync(new Command("tar", "-tvzf", kept.Path), Ct);
        Assert.AreEqual("", string.Join('\n', listed.Output.Split('\n').Where(line => line.Length > 0 && !line.Contains(" root/root ", StringComparison.Ordinal))));
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Another_digest_than_the_written_one_says_what_may_be_another()
    {
        using var project = await CreateAsync("sdist = [\"mkdir dist && tar -czf dist/probe-{version}.tar.gz --transform=s,^,probe-1.0/, README\"]\n");
        project.Write("specs/sources", $"SHA256 ({SdistName}) = {new string('a', 64)}\n");

        var updated = await Assert.ThrowsExactlyAsync<ReleaseException>(() => RecordAsync(project));
        using var scratch = new Scratch();
        var fetched = await Assert.ThrowsExactlyAsync<ReleaseException>(() => FetchAsync(project.Root, new Places(scratch["cache"], project.Places.Data)));

        Assert.AreEqual((Fault.SourceMismatch, Fault.SourceMismatch), (updated.Fault, fetched.Fault));
        Assert.Contains("whether what makes the sdist is another version", updated.Remedy, StringComparison.Ordinal);
        Assert.Contains("whether what makes the sdist is another version", fetched.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("echo the cause of it all; exit 3", "REL2013", "the step 'sdist' exited with 3", DisplayName = "a command that fails")]
    [DataRow("python3 -c 'import urllib.request; urllib.request.urlopen(\\\"http://example.org/x\\\")'", "REL3103", "the build phase has no network", DisplayName = "a wish for the network")]
    [DataRow("sleep 100", "REL3107", "the time limit of 2 seconds", DisplayName = "no end")]
    [DataRow("mkdir dist; touch dist/other.tar.gz", "REL2014", "there is 'other.tar.gz'", DisplayName = "another name")]
    [DataRow("mkdir dist; mkfifo dist/probe-1.0.tar.gz", "REL2014", "cannot be taken", DisplayName = "a FIFO")]
    [DataRow("mkdir dist; ln -s /etc/passwd dist/probe-1.0.tar.gz", "REL2014", "cannot be taken", DisplayName = "a link")]
    [DataRow("ln -s /etc dist; touch probe-1.0.tar.gz", "REL2014", "is cut short", DisplayName = "nothing in a file")]
    [DataRow("mkdir dist; touch probe-1.0.tar.gz dist/probe-1.0.tar.gz", "REL2014", "another one in the tree", DisplayName = "two of them")]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_is_no_sdist_is_named_and_nothing_is_written_down(string command, string fault, string words)
    {
        using var project = await CreateAsync($"sdist = [\"{command}\"]\n", command.StartsWith("sleep", StringComparison.Ordinal) ? "[limits]\ntime = \"2s\"\n" : "");

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => RecordAsync(project));

        Assert.AreEqual(fault, error.Fault.Id, error.Message);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(project["specs/sources"]));
        Assert.IsNotEmpty(Directory.GetFiles(project[$".release/logs/sdist-{SdistName}"], "*.log"));
        Assert.AreEqual(command.StartsWith("echo", StringComparison.Ordinal), error.Transcript?.EndsWith("the cause of it all", StringComparison.Ordinal) is true);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Without_a_network_only_a_root_that_is_there_will_do()
    {
        using var project = await CreateAsync("sdist = [\"true\"]\nprepare = [\"touch /srv/nowhere\"]\n");
        project.Write("specs/sources", $"SHA256 ({SdistName}) = {new string('a', 64)}\n");

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => FetchAsync(project.Root, project.Places, isOffline: true));

        Assert.AreEqual(Fault.OfflineLacks, error.Fault, error.Message);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_image_is_pinned_when_the_digest_is_written_down_and_not_when_it_is_proven()
    {
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        using var project = await CreateAsync("sdist = [\"true\"]\n");
        project.Replace("release.toml", "rootfs:distro.tar", $"{registry.Host}/a:1");

        var killed = await Exec.RunAsync(project.Tool("fetch", "probe", "--update").With("DOTNET_RELEASE_FAIL_AT", "fetch.lock"), Ct);
        var unpinned = File.Exists(project["release.lock"]);
        project.Write("specs/sources", $"SHA256 ({SdistName}) = {new string('a', 64)}\n");
        using var scratch = new Scratch();
        await Assert.ThrowsExactlyAsync<ReleaseException>(() => FetchAsync(project.Root, new Places(scratch["cache"], project.Places.Data)));
        var unwritten = File.Exists(project["release.lock"]);
        await Assert.ThrowsExactlyAsync<ReleaseException>(() => RecordAsync(project));

        Assert.AreEqual((137, false, false), (killed.ExitCode, unpinned, unwritten), killed.Error);
        Assert.Contains($"\"{registry.Host}/a:1\" = \"{registry.Tags["1"]}\"", project.Read("release.lock"), StringComparison.Ordinal);
    }

    /// <summary>A project whose package has an sdist for its source.</summary>
    /// <param name="rule">The rest of the rule.</param>
    /// <param name="settings">More of the settings.</param>
    internal static async Task<BuildProject> CreateAsync(string rule, string settings = "")
    {
        var project = await BuildProject.OfSpecAsync(
            """
            %prep
            %setup -q

            %install
            mkdir -p %{buildroot}%{_datadir}/probe
            cp -p PKG-INFO %{buildroot}%{_datadir}/probe/

            %files
            %{_datadir}/probe
            """,
            "Source0: probe-%{version}.tar.gz");
        project.Write("setup.py", "from setuptools import setup\nsetup(name='probe', version='1.0', py_modules=['probe'])\n");
        project.Write("probe.py", "print('hello')\n");
        project.Write("README", "of the tag\n");
        project.Write("release.toml", $"{project.Read("release.toml")}\n{settings}\n[[rpm.source]]\nfile = \"probe-{SourceRule.Version}.tar.gz\"\ngit = \".\"\ntarget = \"local\"\n{rule}");
        await project.CommitAsync("One");
        await Exec.ReadAsync(new Git(project.Root).Command("tag", "v1.0"), CancellationToken.None);
        project.Write("README", "of the work tree\n");
        return project;
    }

    private async Task RecordAsync(BuildProject project)
    {
        using var machine = new Machine(project.Places, _reporter);
        var run = new SourceRecordRun(await Workspace.OpenAsync(project.Root, null, Ct), machine, _reporter);
        await run.WriteAsync(await run.MakeAsync(await run.FindAsync([], Ct), Ct), Ct);
    }

    private async Task<VerifiedSource> FetchAsync(string root, Places places, bool isOffline = false)
    {
        using var machine = new Machine(places, _reporter) { Offline = isOffline };
        var workspace = await Workspace.OpenAsync(root, null, Ct);
        var plan = (await new PlanRun(workspace, machine.Cache.Known).MakeAsync(new PlanRange(null, null), new PlanRequest(["probe"], []), Ct)).Plan;
        return (await machine.FetchAsync(workspace, plan.Rpms.Single(), Ct)).Single();
    }

    private async Task NamesItsSourceAsync(BuildProject project)
    {
        using var statement = JsonDocument.Parse(await File.ReadAllBytesAsync(Directory.GetFiles(project.Results, "*.provenance.json")[0], Ct));
        var source = statement.RootElement.GetProperty("predicate").GetProperty("buildDefinition").GetProperty("resolvedDependencies").EnumerateArray()
            .Single(material => material.GetProperty("name").GetString() is SdistName);
        Assert.AreEqual("git+file:.@v1.0", source.GetProperty("uri").GetString());
        Assert.AreEqual(Setuptools, source.GetProperty("annotations").GetProperty("sdist").GetProperty("commands")[0].GetString());
        var bill = await File.ReadAllTextAsync(Directory.GetFiles(project.Results, "*.spdx.json")[0], Ct);
        Assert.Contains($"\"sourceInfo\":\"Made of the tree of that tag by", bill.Replace("\": \"", "\":\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
