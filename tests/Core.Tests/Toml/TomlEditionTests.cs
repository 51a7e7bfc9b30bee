using System.Text;
using DotnetRelease.Processes;
using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Toml;

/// <summary>TOML 1.1 by flag, and the decoder through which anybody can run the public suite.</summary>
[TestClass]
public sealed class TomlEditionTests(TestContext test)
{
    [TestMethod]
    [DataRow("a = {\n  b = 1, # one\n  c = [2],\n}", "{a:{b:1,c:[2]}}")]
    [DataRow("a = { b = 1, }", "{a:{b:1}}")]
    [DataRow("a = {\n}", "{a:{}}")]
    [DataRow("a = \"\\e[0m\\x41\"", "{a:\"\u001b[0mA\"}")]
    [DataRow("a = 07:32", "{a:07:32:00}")]
    [DataRow("a = 2026-11-27 07:32Z", "{a:2026-11-27T07:32:00 0}")]
    [DataRow("a = 2026-11-27T07:32", "{a:2026-11-27T07:32:00}")]
    public void What_only_the_newer_edition_allows_is_an_error_in_the_older_one(string text, string expected)
    {
        Assert.AreEqual(expected, TomlDump.Of(TomlReader.Parse(text, "f.toml", Fault.SettingsInvalid, TomlEdition.V11)));

        var thrown = Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(text, "f.toml", Fault.SettingsInvalid));
        Assert.AreEqual(Fault.TomlSyntax, thrown.Fault);
        Assert.IsGreaterThan(0, thrown.Position!.Value.Column);
    }

    [TestMethod]
    [DataRow("a = {,}")]
    [DataRow("a = { b = 1,, }")]
    [DataRow("a = { b = 1 c = 2 }")]
    [DataRow("a = { b\n= 1 }")]
    [DataRow("a = \"\\xG0\"")]
    [DataRow("a = 7:32")]
    [DataRow("a = 07:32:")]
    public void The_newer_edition_is_no_looser_elsewhere(string text) =>
        Assert.ThrowsExactly<ReleaseException>(() => TomlReader.Parse(text, "f.toml", Fault.SettingsInvalid, TomlEdition.V11));

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("a = [1, 'x', true, 1.5, -inf]\nd = 1979-05-27T07:32:00.5+01:30\n[t]\nl = 07:32:00\n", "", 0)]
    [DataRow("a = { b = 1, }", "--toml 1.1", 0)]
    [DataRow("a = { b = 1, }", "", 1)]
    [DataRow("a = 1\na = 2", "", 1)]
    [DataRow("", "--toml 2.0", 2)]
    public async Task The_decoder_speaks_the_protocol_of_toml_test(string toml, string arguments, int exitCode)
    {
        var decoder = Path.Combine(AppContext.BaseDirectory, "TomlDecoder.dll");
        var command = new Command("dotnet", [decoder, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]) { Input = Encoding.UTF8.GetBytes(toml) };

        var outcome = await Exec.RunAsync(command, test.CancellationToken);

        Assert.AreEqual(exitCode, outcome.ExitCode, outcome.Error);
        Assert.AreEqual(exitCode is 0, outcome.Output.StartsWith('{'));
        if (toml.Contains("1979", StringComparison.Ordinal))
        {
            Assert.AreEqual(
                """{"a":[{"type":"integer","value":"1"},{"type":"string","value":"x"},{"type":"bool","value":"true"},{"type":"float","value":"1.5"},{"type":"float","value":"-inf"}],"d":{"type":"datetime","value":"1979-05-27T07:32:00.5\u002B01:30"},"t":{"l":{"type":"time-local","value":"07:32:00"}}}""",
                outcome.Output);
        }
    }
}
