using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class ReproducibleTests(TestContext test)
{
    private const int Patience = 300_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task What_a_build_takes_from_its_surroundings_is_found_and_named()
    {
        using var project = await BuildProject.OfSpecAsync(
            """
            %install
            mkdir -p %{buildroot}/usr/share/probe
            cd %{buildroot}/usr/share/probe
            date +%%s > second
            hostname > host
            nproc > processors
            echo "jobs %{_smp_build_ncpus}" > jobs
            echo "$USER" > user
            head -c 8 /dev/urandom > random
            ln -s "to-$(date +%%s)" link
            mkdir "folder-$(hostname)"
            echo the same > same

            %files
            /usr/share/probe
            """,
            "%global use_source_date_epoch_as_buildtime 0\n%global clamp_mtime_to_source_date_epoch 0\n%global build_mtime_policy x");

        var outcome = await project.RunAsync(Ct, "rpm", "probe", "--check-reproducible", "--json");

        Assert.AreEqual((int)ExitCode.Refused, outcome.ExitCode, outcome.Error + outcome.Output);
        Assert.Contains("error REL3120 : probe on local: built a second time, probe-1.0-1.deb12.noarch and probe-1.0-1.deb12.src came out different.", outcome.Error, StringComparison.Ordinal);
        var lines = outcome.Error.Split('\n').Select(line => line.Trim()).ToArray();
        foreach (var name in (string[])["second", "host", "user", "random", "link", "folder-container", "folder-elsewhere.example.org"])
        {
            Assert.IsNotEmpty(lines.Where(line => line.StartsWith($"/usr/share/probe/{name}: 0", StringComparison.Ordinal) || line.StartsWith($"/usr/share/probe/{name}: not there", StringComparison.Ordinal)), name + "\n" + outcome.Error);
        }

        if (Environment.ProcessorCount > 1)
        {
            Assert.IsNotEmpty(lines.Where(line => line.StartsWith("/usr/share/probe/processors: 0", StringComparison.Ordinal)), outcome.Error);
            Assert.IsNotEmpty(lines.Where(line => line.StartsWith("/usr/share/probe/jobs: 0", StringComparison.Ordinal)), outcome.Error);
        }

        var result = BuildProject.Json(outcome.OutputBytes).GetProperty("results")[0];
        Assert.AreEqual("failed False", $"{result.GetProperty("state")} {result.GetProperty("reproducible")}");
        Assert.Contains("probe-1.0-1.deb12.noarch", result.GetProperty("differences").EnumerateArray().Select(line => line.GetString()));
        Assert.IsNotEmpty(result.GetProperty("differences").EnumerateArray().Where(line => line.GetString()!.StartsWith("  /usr/share/probe/second: 0644", StringComparison.Ordinal)));

        // Its content is the same; only its time is not.
        Assert.MatchesRegex("/usr/share/probe/same: time \\S+ \\S+ -> \\S+", outcome.Error);
        Assert.DoesNotContain("/usr/share/probe/same: 0", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("tag BUILDTIME: ", outcome.Error, StringComparison.Ordinal);
        Assert.IsEmpty(project.ResultNames());
        foreach (var folder in (string[])["probe-local-x86_64", "probe-local-x86_64-again"])
        {
            Assert.IsTrue(File.Exists(project[$".release/work/build/{folder}/results/probe-1.0-1.deb12.noarch.rpm"]), folder);
            Assert.Contains($".release/work/build/{folder}/results'", outcome.Error, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_takes_nothing_from_them_passes_when_it_is_new_and_when_it_is_there()
    {
        // The test of an import leaves no bytecode; a spec may say itself what we say.
        using var project = await BuildProject.OfSpecAsync(
            """
            %install
            mkdir -p %{buildroot}/usr/share/probe
            echo 'NAMES = {"b", "a", "c", "d"}' > %{buildroot}/usr/share/probe/names.py
            cd %{buildroot}/usr/share/probe
            %{python3} -c 'import names; print(list(names.NAMES))' > order
            echo "$TZ $LC_ALL $HOME $(umask)" > environment

            %check
            cd %{buildroot}/usr/share/probe
            %{python3} -c 'import names'

            %files
            /usr/share/probe
            """,
            """
            BuildRequires: python3-devel
            BuildRequires: python3-pip
            %global clamp_mtime_to_source_date_epoch 1
            %global build_mtime_policy clamp_to_source_date_epoch
            %global use_source_date_epoch_as_buildtime 1
            %global source_date_epoch_from_changelog 1
            """);

        var built = (await project.BuildAsync(Ct, "probe", "--check-reproducible")).Single();
        var there = (await project.BuildAsync(Ct, "probe", "--check-reproducible")).Single();

        Assert.AreEqual("built True", $"{built.GetProperty("state")} {built.GetProperty("reproducible")}");
        Assert.AreEqual("up-to-date True", $"{there.GetProperty("state")} {there.GetProperty("reproducible")}");
        Assert.IsFalse(Directory.Exists(project[".release/work/build/probe-local-x86_64-again"]));
        Assert.AreEqual(
            "/usr/share/probe /usr/share/probe/environment /usr/share/probe/names.py /usr/share/probe/order ",
            await RpmJudge.QueryAsync(Path.Combine(project.Results, "probe-1.0-1.deb12.noarch.rpm"), "[%{FILENAMES} ]"));
    }
}
