using DotnetRelease.Fixtures;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Runs;

[TestClass]
public sealed class SpecCheckRunTests(TestContext test)
{
    private const string Good = "Name: python3-greeter\nVersion: 1.0\nRelease: 1\nSummary: x\nLicense: MIT\nSource0: greeter-1.0-py3-none-any.whl\n%description\nx\n%prep\necho DIGEST %{SOURCE0}\n%files\n%changelog\n* Thu Jan 15 2026 T <t@example.org> - 1.0-1\n- First\n";
    private static readonly string Hex = Digest.Of("greeter").Hex;

    [TestMethod]
    public async Task A_spec_in_line_with_its_lock_lacks_nothing()
    {
        var compared = await CheckAsync(Good);

        Assert.IsTrue(compared.IsFine, string.Join(", ", compared.Lag));
    }

    [TestMethod]
    [DataRow("greeter-1.0-py3", "greeter-0.9-py3", "6 Source0: it has 'greeter-0.9-py3-none-any.whl' where the lock wants 'greeter-1.0-py3-none-any.whl'")]
    [DataRow("DIGEST", "0000000000000000000000000000000000000000000000000000000000000000", "10 digest: it has '0000000000000000000000000000000000000000000000000000000000000000' where")]
    [DataRow("- 1.0-1", "- 0.9-1", "13 %changelog: no entry names this version")]
    public async Task What_a_spec_of_the_right_version_lacks_is_named_with_its_line(string part, string other, string expected)
    {
        var compared = await CheckAsync(Good.Replace(part, other, StringComparison.Ordinal));

        Assert.IsFalse(compared.IsFine);
        Assert.IsEmpty(compared.Others);
        Assert.AreEqual(("REL1014", "greeter.spec"), (compared.Failures[0].Fault.Id, compared.Failures[0].Position!.Value.File));
        Assert.StartsWith(expected, string.Join('\n', compared.Lag.Select(lag => $"{lag.Line} {lag.What}: {lag.AsLag}")), StringComparison.Ordinal);
    }

    private async Task<VersionComparison> CheckAsync(string spec)
    {
        using var scratch = new Scratch();
        scratch.Write("release.toml", "[project]\nname = \"hello\"\nlockfiles = [\"poetry.lock\"]\n[[rpm]]\nname = \"python3-greeter\"\nfollows = [\"greeter\"]\nspec = \"greeter.spec\"\n");
        scratch.Write("greeter.spec", spec.Replace("DIGEST", Hex, StringComparison.Ordinal));
        scratch.Write("poetry.lock", $"[[package]]\nname = \"greeter\"\nversion = \"1.0\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\nfiles = [\n    {{file = \"greeter-1.0-py3-none-any.whl\", hash = \"sha256:{Hex}\"}},\n]\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"{new string('0', 64)}\"\n");
        var workspace = await Workspace.OpenAsync(scratch.Root, null, test.CancellationToken);
        return (await new SpecCheckRun(workspace).CompareAsync(["python3-greeter"], null, test.CancellationToken)).Single();
    }
}
