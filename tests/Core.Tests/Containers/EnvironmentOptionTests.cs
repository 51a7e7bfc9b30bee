using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Containers;

[TestClass]
public sealed class EnvironmentOptionTests
{
    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private static EnvironmentOption Reader { get; } = new(name => name is "HERE" ? "ours" : null);

    [TestMethod]
    [DataRow("A=b", "A=b")]
    [DataRow("A=b=c d", "A=b=c d")]
    [DataRow("A=", "A=")]
    [DataRow("HERE", "HERE=ours")]
    [DataRow("NOT_HERE", "")]
    public void A_variable_has_the_given_value_or_the_one_it_has_here(string text, string expected) => Assert.AreEqual(expected, Show(Reader.Add(Nothing, text)));

    [TestMethod]
    [DataRow("")]
    [DataRow("=x")]
    [DataRow("A B=x")]
    public void A_text_without_a_name_is_refused(string text) =>
        Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => Reader.Add(Nothing, text)).Fault);

    [TestMethod]
    public void A_file_has_a_variable_in_each_line_as_it_is()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("env", "# a comment\n\nA=\"quoted\" # no comment\n  HERE\nNOT_HERE\nB=\n");

        Assert.AreEqual("A=\"quoted\" # no comment|B=|HERE=ours", Show(Reader.AddFile(Nothing, file)));
    }

    [TestMethod]
    public void A_line_without_a_name_is_named_but_not_shown()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("env", "A=1\n=secret\n");

        var failure = Assert.ThrowsExactly<ReleaseException>(() => Reader.AddFile(Nothing, file));

        Assert.AreEqual(new SourcePosition(file, 2), failure.Position);
        Assert.DoesNotContain("secret", failure.ToDiagnostic("x"), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_missing_file_is_named() =>
        Assert.AreEqual(Fault.FileUnreadable, Assert.ThrowsExactly<ReleaseException>(() => Reader.AddFile(Nothing, "/no/such/file")).Fault);

    private static string Show(ImmutableSortedDictionary<string, string> variables) => string.Join('|', variables.Select(one => $"{one.Key}={one.Value}"));
}
