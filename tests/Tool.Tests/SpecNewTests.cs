using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class SpecNewTests(TestContext test)
{
    private const string Spec = "rpm-specs/python3-qt/python3-qt.spec";

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_spec_is_foreseen_written_and_never_overwritten()
    {
        using var scratch = new Scratch();
        var wheels = new QtWheels("6.7.1");
        scratch.Write("release.toml", "[project]\nname = \"hello\"\nlockfiles = [\"poetry.lock\"]\n[sources]\nindex = \"file:./index\"\n[target.fedora-43]\nimage = \"fedora:43\"\n");
        scratch.Write("poetry.lock", wheels.Lock());
        foreach (var (path, bytes) in wheels.Index())
        {
            scratch.Write($"index/{path}", bytes);
        }

        var foreseen = await RunAsync(scratch, "--dry-run");
        var isThere = File.Exists(scratch[Spec]);
        var written = await RunAsync(scratch, "--json");
        var again = await RunAsync(scratch);

        Assert.AreEqual(0, foreseen.ExitCode, foreseen.Error);
        Assert.IsFalse(isThere);
        Assert.Contains($"read PySide6-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl (file://{scratch.Root}/index/pyside6/)\n", foreseen.Output, StringComparison.Ordinal);
        Assert.Contains($"write {Spec}\n[[rpm]]\nname = \"python3-qt\"\n", foreseen.Output, StringComparison.Ordinal);
        Assert.AreEqual(0, written.ExitCode, written.Error);
        var json = BuiltTool.Json(written);
        Assert.AreEqual(("LGPL-3.0-only", 4, scratch.Read(Spec)), (json.GetProperty("license").GetString(), json.GetProperty("wheels").GetArrayLength(), json.GetProperty("spec").GetString()));
        Assert.AreEqual(2, again.ExitCode);
        Assert.Contains("error REL1015", again.Error, StringComparison.Ordinal);
    }

    private Task<Outcome> RunAsync(Scratch scratch, params string[] words) => BuiltTool.RunAsync(
        scratch.Root, test.CancellationToken, ["spec", "new", "python3-qt", "--packager", "T <t@example.org>", .. QtWheels.Packages.SelectMany(package => (string[])["--from-lock", package]), .. words]);
}
