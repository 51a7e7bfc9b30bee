using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>From a lock to an installed package, with a spec that nobody has edited.</summary>
[TestClass]
public sealed class NewSpecBuildTests(TestContext test)
{
    private const string Spec = "rpm-specs/python3-pyside6/python3-pyside6.spec";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Four_wheels_are_built_from_the_lock_alone_installed_and_imported()
    {
        using var project = await BuildProject.OfWheelsAsync(new QtWheels("6.7.1"));
        var made = await project.RunAsync(Ct, ["spec", "new", "python3-pyside6", .. QtWheels.Packages.SelectMany(package => (string[])["--from-lock", package])]);
        Assert.AreEqual(0, made.ExitCode, made.Error);
        project.Write("release.toml", project.Read("release.toml") + made.Output);

        // As upstream moves folders between two versions, which ends no build.
        project.Replace(Spec, "+ PySide6/QtAsyncio\n", "- PySide6/glue\n");
        await project.CommitAsync("python3-pyside6");

        var built = await project.RunAsync(Ct, "rpm", "python3-pyside6");

        Assert.AreEqual(0, built.ExitCode, built.Error);
        Assert.Contains(Spec + ": warning: gone upstream: PySide6/glue\n", built.Error.Replace(" : ", ": ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(Spec + ": warning: new upstream: PySide6/QtAsyncio\n", built.Error.Replace(" : ", ": ", StringComparison.Ordinal), StringComparison.Ordinal);

        var package = Path.Combine(project.Results, "python3-pyside6-6.7.1-1.deb12.x86_64.rpm");
        var provides = await RpmJudge.QueryAsync(package, "[%{PROVIDES}\n]");
        var requires = await RpmJudge.QueryAsync(package, "[%{REQUIRES}\n]");
        Assert.DoesNotContain(".so", provides, StringComparison.Ordinal);
        Assert.Contains("python3dist(shiboken6)", provides, StringComparison.Ordinal);
        Assert.AreEqual("libc.so.6()(64bit)", string.Join('\n', requires.Split('\n').Where(line => line.Contains(".so", StringComparison.Ordinal)).Distinct()));
        var files = await RpmJudge.QueryAsync(package, "[%{FILENAMES}\n]");
        Assert.DoesNotContain("/include", files, StringComparison.Ordinal);
        Assert.DoesNotContain("RECORD", files, StringComparison.Ordinal);

        var installed = await project.RunAsync(
            Ct, "run", "rootfs:distro.tar", "--volume", $"{project.Results}:/rpms:ro", "--", "sh", "-c",
            "dnf -y install /rpms/python3-pyside6-6.7.1-1.deb12.x86_64.rpm && rpm -V python3-pyside6 && PYTHONDONTWRITEBYTECODE=1 python3 -c 'import PySide6; print(PySide6.__version__)' && rpm -e python3-pyside6 && ! ls -d /usr/lib*/python3*/site-packages/*[Pp]y[Ss]ide6*");
        Assert.AreEqual(0, installed.ExitCode, installed.Output + installed.Error);
        Assert.Contains("\n6.7.1\n", installed.Output, StringComparison.Ordinal);
    }
}
