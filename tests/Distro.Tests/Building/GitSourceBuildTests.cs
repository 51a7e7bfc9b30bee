using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class GitSourceBuildTests(TestContext test)
{
    private const int Patience = 300_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_package_is_built_from_the_projects_own_tag_and_its_provenance_names_it()
    {
        using var project = await BuildProject.OfSpecAsync(
            """
            %prep
            %setup -q

            %install
            mkdir -p %{buildroot}%{_datadir}/probe
            cp -p share/words %{buildroot}%{_datadir}/probe/

            %files
            %dir %{_datadir}/probe
            %{_datadir}/probe/words
            """,
            "Source0: probe-%{version}.tar.gz");
        project.Write("share/words", "of the tag\n");
        project.Write("release.toml", project.Read("release.toml") + "\n[[rpm.source]]\nfile = \"probe-{version}.tar.gz\"\ngit = \".\"\n");
        await project.CommitAsync("One");
        await Exec.ReadAsync(new Git(project.Root).Command("tag", "v1.0"), Ct);
        project.Write("share/words", "of the work tree\n");

        var written = await project.RunAsync(Ct, "fetch", "probe", "--update");
        var results = await project.BuildAsync(Ct, "probe");

        Assert.AreEqual(0, written.ExitCode, written.Error);
        var files = results.Single().GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!).ToList();
        var binary = files.Single(path => path.EndsWith(".noarch.rpm", StringComparison.Ordinal));
        var content = await Exec.ReadAsync(new Command("sh", "-c", "rpm2cpio \"$0\" | cpio --quiet -i --to-stdout ./usr/share/probe/words", binary), Ct);
        Assert.AreEqual("of the tag\n", content.Output);
        using var statement = JsonDocument.Parse(await File.ReadAllBytesAsync(Directory.GetFiles(project.Results, "*.provenance.json")[0], Ct));
        var source = statement.RootElement.GetProperty("predicate").GetProperty("buildDefinition").GetProperty("resolvedDependencies").EnumerateArray()
            .Single(material => material.GetProperty("name").GetString() is "probe-1.0.tar.gz");
        Assert.AreEqual("git+file:.@v1.0", source.GetProperty("uri").GetString());
        Assert.Contains(source.GetProperty("digest").GetProperty("sha512").GetString()!, project.Read("specs/sources"), StringComparison.Ordinal);
    }
}
