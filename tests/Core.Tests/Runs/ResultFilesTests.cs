using DotnetRelease.Building;
using DotnetRelease.Core.Tests.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class ResultFilesTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("x86_64", "aarch64")]
    [DataRow("aarch64", "x86_64")]
    public async Task Two_machines_of_a_target_give_results_in_one_folder_and_neither_harms_the_other(params string[] order)
    {
        using var scratch = new Scratch();
        foreach (var arch in order)
        {
            var (job, built) = await BuiltAsync(scratch, arch);
            await ResultFiles.CommitAsync(job, built, scratch["results"], Ct);
        }

        Assert.AreEqual(
            "probe-1.0-1.aarch64.rpm probe-1.0-1.src.rpm probe-1.0-1.x86_64.rpm",
            string.Join(' ', Directory.GetFiles(scratch["results"], "*.rpm").Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.AreEqual("x86_64", (await RpmPackage.ReadAsync(scratch["results/probe-1.0-1.src.rpm"], Ct)).Header.Text(RpmTag.Arch));
        var records = await new BuildRecords(new KnownDigests(scratch["known"])).ReadAsync(scratch["results"], Ct);
        Assert.AreEqual("aarch64 1, x86_64 2", string.Join(", ", records.Select(record => $"{record.Arch} {record.Files.Length}").Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("/tmp")]
    [DataRow("/dev/shm", DisplayName = "a memory disk, nearly everywhere another one than that of temporary files")]
    public async Task A_package_gets_to_its_place_from_any_disk(string disk)
    {
        using var scratch = new Scratch();
        var work = Path.Combine(disk, Path.GetRandomFileName());
        try
        {
            var (job, built) = await BuiltAsync(scratch, "x86_64", work);

            var files = await ResultFiles.CommitAsync(job, built, scratch["deep/results"], Ct);

            foreach (var (file, before) in files.Zip(built.Files))
            {
                Assert.AreEqual(Path.Combine(scratch["deep/results"], before.Nevra.FileName), file.Path);
                Assert.AreEqual(before with { Path = file.Path }, await RpmFile.ReadAsync(file.Path, Ct));
            }
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_two_jobs_built_for_two_machines_of_a_target_is_joined()
    {
        using var scratch = new Scratch();
        var jobs = new List<BuildJob>();
        foreach (var arch in (string[])["x86_64", "aarch64"])
        {
            var (job, built) = await BuiltAsync(scratch, arch);
            await ResultFiles.CommitAsync(job, built, scratch[$"artifacts/{arch}"], Ct);
            jobs.Add(job);
        }

        var settings = Settings.Parse("[project]\nname = 'p'\nlockfiles = []\n[[rpm]]\nname = 'probe'\n[target.local]\nimage = 'rootfs:distro.tar'\narch = ['x86_64', 'aarch64']\n", "release.toml");
        var run = new CollectRun(new Workspace(scratch.Root, settings), new ReleasePlan([jobs[0].Rpm with { Targets = [.. jobs.Select(job => job.Target)] }], []));
        var results = await run.CommitAsync(await run.ProveAsync([scratch["artifacts"]], Ct), "dist/rpm", Ct);

        Assert.AreEqual("x86_64 2, aarch64 1", string.Join(", ", results.Select(result => $"{result.Arch} {result.Files.Length}")));
        Assert.HasCount(2, await new BuildRecords(new KnownDigests(scratch["known"])).ReadAsync(scratch["dist/rpm/local"], Ct));
    }

    /// <summary>What rpmbuild gives on a machine: the source package says on which.</summary>
    private async Task<(BuildJob Job, BuiltRpms Built)> BuiltAsync(Scratch scratch, string arch, string? work = null)
    {
        var folder = work is null ? scratch.Folder(arch) : Directory.CreateDirectory(work).FullName;
        var paths = (string[])[new Fixtures.WrittenRpm("probe") { Arch = arch }.WriteTo(folder), new Fixtures.WrittenRpm("probe") { Arch = arch, SourceRpm = null }.WriteTo(folder)];
        var job = TestJob.Of("probe");
        var target = job.Target with { Arch = arch, Aside = arch is "aarch64" ? ["probe-1.0-1.src"] : [], Inputs = new(job.Target.Inputs.Parts.Add("arch", arch)) };
        job = job with { Target = target, WorkFolder = folder };
        Directory.CreateDirectory(Path.GetDirectoryName(BuildFolder.SpecOf(job))!);
        await File.WriteAllTextAsync(BuildFolder.SpecOf(job), "Name: probe", Ct);
        return (job, new BuiltRpms([.. await Task.WhenAll(paths.Select(path => RpmFile.ReadAsync(path, Ct)))], new BuildTimes(default, default, default)) { Root = TestJob.Root });
    }
}
