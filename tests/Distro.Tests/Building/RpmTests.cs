using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class RpmTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string Binary = "python3-greeter-1.1.0-1.deb12.noarch.rpm";
    private const string Source = "python3-greeter-1.1.0-1.deb12.src.rpm";
    private const string Unsigned = "digests SIGNATURES NOT OK";
    private const string Wheel = "26f2204c9e0fbd6ab6b1782a2ceb2437ecde9a03103904632cff55404da1c1e0";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_bump_becomes_packages_that_rpm_accepts_and_dnf_installs()
    {
        using var project = await BuildProject.BumpedAsync();

        var result = (await project.BuildAsync(Ct, "--update-spec")).Single();

        Assert.AreEqual("python3-greeter local built", $"{result.GetProperty("rpm")} {result.GetProperty("target")} {result.GetProperty("state")}");
        var files = result.GetProperty("files").EnumerateArray().ToArray();
        CollectionAssert.AreEqual(
            (string[])["python3-greeter-1.1.0-1.deb12.noarch", "python3-greeter-1.1.0-1.deb12.src"], files.Select(file => file.GetProperty("nevra").GetString()).ToArray());
        foreach (var file in files)
        {
            Assert.AreEqual((await Digest.OfFileAsync(file.GetProperty("path").GetString()!, Ct)).Hex, file.GetProperty("sha256").GetString());
        }

        Assert.Contains("Version:        1.1.0", project.Read("rpm-specs/python3-greeter/python3-greeter.spec"), StringComparison.Ordinal);
        CollectionAssert.AreEqual((string[])[Unsigned, Unsigned], await RpmJudge.CheckAsync([Result(project, Binary), Result(project, Source)]));
        Assert.AreEqual("1", await RpmJudge.QueryAsync(Result(project, Source), "%{SOURCEPACKAGE}"));
        Assert.AreEqual("dotnet-release zstd 18L25T0", await RpmJudge.QueryAsync(Result(project, Binary), "%{BUILDHOST} %{PAYLOADCOMPRESSOR} %{PAYLOADFLAGS}"));
        Assert.AreEqual("zstd 3T0", await RpmJudge.QueryAsync(Result(project, Source), "%{PAYLOADCOMPRESSOR} %{PAYLOADFLAGS}"));

        var installed = await project.RunAsync(
            Ct, "run", "rootfs:distro.tar", "--volume", $"{project.Results}:/rpms:ro", "--", "sh", "-c", $"dnf -y install /rpms/{Binary} && rpm -V python3-greeter && greeter tester");
        Assert.AreEqual(0, installed.ExitCode, installed.Output + installed.Error);
        Assert.EndsWith("Hello, tester! This is greeter 1.1.0.\n", installed.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task The_statement_beside_each_package_names_it_its_sources_and_its_image()
    {
        using var project = await BuildProject.ReadyAsync(Ct);

        await project.BuildAsync(Ct);

        foreach (var (package, other) in ((string, string)[])[(Binary, Source), (Source, Binary)])
        {
            var statement = BuildProject.Json(await File.ReadAllBytesAsync(Result(project, package[..^4] + ".provenance.json"), Ct));
            var subject = statement.GetProperty("subject").EnumerateArray().Single();
            var predicate = statement.GetProperty("predicate");
            var byproducts = predicate.GetProperty("runDetails").GetProperty("byproducts");
            var byproduct = byproducts[0];
            var dependencies = predicate.GetProperty("buildDefinition").GetProperty("resolvedDependencies").EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!, Sha256);
            Assert.AreEqual($"{package} {(await Digest.OfFileAsync(Result(project, package), Ct)).Hex}", $"{subject.GetProperty("name")} {Sha256(subject)}");
            Assert.AreEqual($"{other} {(await Digest.OfFileAsync(Result(project, other), Ct)).Hex}", $"{byproduct.GetProperty("name")} {Sha256(byproduct)}");
            Assert.AreEqual(Wheel, dependencies["greeter-1.1.0-py3-none-any.whl"]);
            Assert.AreEqual((await Digest.OfFileAsync(await SharedMachine.Distro, Ct)).Hex, dependencies["rootfs:distro.tar"]);
            Assert.AreEqual((await Digest.OfFileAsync(project["poetry.lock"], Ct)).Hex, dependencies["poetry.lock"]);
            Assert.AreEqual((await Digest.OfFileAsync(project["rpm-specs/python3-greeter/python3-greeter.spec"], Ct)).Hex, dependencies["rpm-specs/python3-greeter/python3-greeter.spec"]);
            foreach (var document in byproducts.EnumerateArray().Skip(1))
            {
                Assert.AreEqual((await Digest.OfFileAsync(Result(project, document.GetProperty("name").GetString()!), Ct)).Hex, Sha256(document));
            }
        }

        // The wheel's folder of metadata is in the package.
        Assert.Contains("\"CONTAINS\"", await File.ReadAllTextAsync(Result(project, Binary[..^4] + ".spdx.json"), Ct), StringComparison.Ordinal);

        static string Sha256(System.Text.Json.JsonElement item) => item.GetProperty("digest").EnumerateObject().First().Value.GetString()!;
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_second_run_touches_nothing_also_when_an_input_has_another_time()
    {
        using var project = await BuildProject.ReadyAsync(Ct);
        await project.BuildAsync(Ct);
        var before = project.Snapshot();
        Assert.HasCount(6, before);

        Assert.AreEqual("up-to-date", State(await project.BuildAsync(Ct)));
        foreach (var input in (string[])["poetry.lock", "rpm-specs/python3-greeter/python3-greeter.spec", "index/greeter/greeter-1.1.0-py3-none-any.whl", $"dist/rpm/local/{Binary}"])
        {
            File.SetLastWriteTimeUtc(project[input], new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        before = project.Snapshot();
        Assert.AreEqual("up-to-date", State(await project.BuildAsync(Ct)));
        CollectionAssert.AreEqual(before, project.Snapshot());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_changed_spec_is_built_again_and_so_is_a_package_that_is_gone_or_damaged()
    {
        using var project = await BuildProject.ReadyAsync(Ct);
        await project.BuildAsync(Ct);
        var first = await Digest.OfFileAsync(Result(project, Binary), Ct);

        File.Delete(Result(project, Source));
        Assert.AreEqual("built", State(await project.BuildAsync(Ct)));
        Assert.AreEqual(first, await Digest.OfFileAsync(Result(project, Binary), Ct));
        Assert.IsTrue(File.Exists(Result(project, Source)));

        var bytes = await File.ReadAllBytesAsync(Result(project, Binary), Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(Result(project, Binary), bytes, Ct);
        Assert.AreEqual("built", State(await project.BuildAsync(Ct)));
        Assert.AreEqual(first, await Digest.OfFileAsync(Result(project, Binary), Ct));

        project.Replace("rpm-specs/python3-greeter/python3-greeter.spec", "Release:        1%{?dist}", "Release:        2%{?dist}");
        Assert.AreEqual("built", State(await project.BuildAsync(Ct)));
        CollectionAssert.AreEqual(
            (string[])
            [
                "python3-greeter-1.1.0-2.deb12.noarch.provenance.json", "python3-greeter-1.1.0-2.deb12.noarch.rpm", "python3-greeter-1.1.0-2.deb12.noarch.spdx.json",
                "python3-greeter-1.1.0-2.deb12.src.provenance.json", "python3-greeter-1.1.0-2.deb12.src.rpm", "python3-greeter-1.1.0-2.deb12.src.spdx.json",
            ],
            project.ResultNames());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Two_checkouts_with_other_paths_times_and_modes_give_the_same_bytes()
    {
        using var project = await BuildProject.OfSpecAsync("""
            %prep
            cp %{SOURCE0} .

            %install
            install -Dpm 644 notes.txt %{buildroot}%{_datadir}/probe/notes.txt
            date --date "@$SOURCE_DATE_EPOCH" > %{buildroot}%{_datadir}/probe/date
            pwd > %{buildroot}%{_datadir}/probe/pwd

            %files
            %{_datadir}/probe
            """, "Source0: notes.txt");
        project.Write("specs/notes.txt", "notes\n");

        // As a maintainer east of here writes it today: noon of that day is still to come.
        var today = DateTimeOffset.UtcNow.AddHours(14).ToString("'* 'ddd MMM dd yyyy", CultureInfo.InvariantCulture);
        project.Write("specs/probe.spec", project.Read("specs/probe.spec").Replace("* Thu Jan 15 2026", today, StringComparison.Ordinal));
        using var elsewhere = new Scratch();
        var other = elsewhere["a/longer/path/to another checkout"];
        BuildProject.CopyTree(project.Root, other);
        string[] inputs = ["specs/probe.spec", "specs/notes.txt"];
        for (var index = 0; index < inputs.Length; index++)
        {
            File.SetLastWriteTimeUtc(project[inputs[index]], new(2020, 1, 1 + index, 0, 0, 0, DateTimeKind.Utc));
            File.SetUnixFileMode(Path.Combine(other, inputs[index]), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await project.BuildAsync(Ct, "probe");
        var outcome = await Exec.RunAsync(project.Tool("-C", other, "rpm", "probe"), Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
        Assert.HasCount(6, project.ResultNames());
        foreach (var name in project.ResultNames())
        {
            Assert.AreEqual(await Digest.OfFileAsync(Result(project, name), Ct), await Digest.OfFileAsync(Path.Combine(other, "dist/rpm/local", name), Ct), name);
        }

        var times = await Exec.ReadAsync(new Command("rpm", "-qp", "--qf", "%{BUILDTIME} [%{FILEMTIMES} ]", Result(project, "probe-1.0-1.deb12.noarch.rpm")), Ct);
        var seconds = times.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        Assert.AreEqual(seconds[0], seconds[1..].Max(), "What was made during the build has the build's time.");
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_signed_build_is_accepted_by_rpm_at_its_strictest_and_stays_up_to_date()
    {
        var key = await TestKey.Rsa;
        using var project = await BuildProject.ReadyAsync(Ct, key: key);
        project.Write("release.toml", project.Read("release.toml") + $"\n[signing]\nkey = \"{key.Fingerprint}\"\n");

        var result = (await project.BuildAsync(Ct, "--sign")).Single();
        var before = project.Snapshot();
        var again = (await project.BuildAsync(Ct, "--sign")).Single();
        var unsigned = (await project.BuildAsync(Ct)).Single();

        Assert.AreEqual("built", result.GetProperty("state").GetString());
        foreach (var file in result.GetProperty("files").EnumerateArray())
        {
            Assert.AreEqual(key.Fingerprint, file.GetProperty("signed").GetString());
        }

        CollectionAssert.AreEqual((string[])["digests signatures OK", "digests signatures OK"], await RpmJudge.CheckAsync([Result(project, Binary), Result(project, Source)], key));
        Assert.AreEqual("up-to-date up-to-date", $"{again.GetProperty("state")} {unsigned.GetProperty("state")}");
        var verified = await project.RunAsync(Ct, "verify", project.Results, "-v");
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        Assert.Contains("built as python3-greeter on local", verified.Error, StringComparison.Ordinal);
        Assert.Contains("(pkg:pypi/greeter@1.1.0)", verified.Error, StringComparison.Ordinal);
        CollectionAssert.AreEqual(before, project.Snapshot());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Without_a_bump_there_is_nothing_to_build_and_no_result()
    {
        using var project = await BuildProject.ReadyAsync(Ct);

        var words = await project.RunAsync(Ct, "rpm", "--from", "HEAD");
        var results = await project.BuildAsync(Ct, "--from", "HEAD");

        Assert.AreEqual(0, words.ExitCode, words.Error);
        Assert.StartsWith("Nothing to build.\n", words.Output, StringComparison.Ordinal);
        Assert.Contains("skip build python3-greeter: none of the packages it follows changed: greeter", words.Output, StringComparison.Ordinal);
        Assert.IsEmpty(results);
        Assert.IsFalse(Directory.Exists(project["dist"]));
    }

    private static string State(System.Text.Json.JsonElement[] results) => results.Single().GetProperty("state").GetString()!;

    private static string Result(BuildProject project, string name) => Path.Combine(project.Results, name);
}
