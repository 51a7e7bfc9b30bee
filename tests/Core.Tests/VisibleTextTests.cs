namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed class VisibleTextTests
{
    [TestMethod]
    [DataRow("plain words, größe, 漢字\n\tindented\n")]
    [DataRow("std::string is C++, and so is a::b\n")]
    [DataRow("# [x] ## done")]
    public void Harmless_text_stays_as_it_is(string text) => Assert.AreEqual(text, VisibleText.Of(text));

    [TestMethod]
    [DataRow("\u001b[2J\u001b]0;title\u0007", "\\x1b[2J\\x1b]0;title\\x07", DisplayName = "what clears a screen and names a window")]
    [DataRow("90%\r100%\r\ndone\r", "90%\\x0d100%\ndone\\x0d", DisplayName = "what overwrites a line")]
    [DataRow("a\b\u007f\u009b31m", "a\\x08\\x7f\\x9b31m", DisplayName = "what erases, and the short form of a sequence")]
    [DataRow("evil\u202egnp.exe\u2028x", "evil\\u202egnp.exe\\u2028x", DisplayName = "what turns the direction")]
    [DataRow("\0", "\\x00", DisplayName = "nothing at all")]
    public void What_a_terminal_would_obey_is_shown(string text, string visible) => Assert.AreEqual(visible, VisibleText.Of(text));

    [TestMethod]
    [DataRow("::add-mask::x", "\\::add-mask::x")]
    [DataRow("one\n \t::stop-commands::x\ntwo", "one\n \t\\::stop-commands::x\ntwo")]
    [DataRow("a ##[group]b", "a \\##[group]b")]
    public void What_the_runner_of_GitHub_would_obey_gets_a_backslash(string text, string visible) => Assert.AreEqual(visible, VisibleText.Of(text));

    [TestMethod]
    public void Failures_show_foreign_words_that_way()
    {
        var failure = new ReleaseException(Fault.BuildFailed, "the spec gives \u001b[8m") { Transcript = "\u001b[2Jgone\n::error::x" };

        Assert.AreEqual("dotnet-release : error REL3102 : the spec gives \\x1b[8m", failure.ToDiagnostic("dotnet-release"));
        Assert.AreEqual("\\x1b[2Jgone\n\\::error::x", failure.Transcript);
    }
}
