using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>The expectations are podman's and docker's.</summary>
[TestClass]
public sealed class ContainerCommandTests
{
    [TestMethod]
    [DataRow("", "", "", "init serve", DisplayName = "the image alone")]
    [DataRow("", "", "x y", "init x y", DisplayName = "the user's words take the place of the image's command")]
    [DataRow("other", "", "", "other", DisplayName = "with another entrypoint the image's command no longer fits")]
    [DataRow("other", "", "x", "other x", DisplayName = "the user's entrypoint and words")]
    [DataRow("none", "none", "x", "x", DisplayName = "no entrypoint at all")]
    public void Words_and_entrypoint_of_user_and_image_are_put_together(string entrypoint, string none, string words, string expected)
    {
        ImmutableArray<string>? chosen = none.Length > 0 ? [] : entrypoint.Length > 0 ? [entrypoint] : null;

        var command = ContainerCommand.Of(Image("init", "serve"), chosen, [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.AreEqual(expected, string.Join(' ', command));
    }

    [TestMethod]
    public void An_image_that_does_not_say_what_to_run_needs_a_command()
    {
        var failure = Assert.ThrowsExactly<ReleaseException>(() => ContainerCommand.Of(Image("", ""), null, []));

        Assert.AreEqual(Fault.Usage, failure.Fault);
        Assert.Contains("Name a command after '--'", failure.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("/bin/a b", "/bin/a b")]
    [DataRow("", "")]
    [DataRow("""["/bin/a","-c","x y"]""", "/bin/a|-c|x y")]
    [DataRow("[]", "")]
    public void An_entrypoint_is_a_program_or_an_array(string text, string expected) =>
        Assert.AreEqual(expected, string.Join('|', ContainerCommand.ParseEntrypoint(text)));

    [TestMethod]
    [DataRow("[")]
    [DataRow("[1]")]
    [DataRow("[null]")]
    [DataRow("""[["a"]]""")]
    public void An_array_of_anything_but_texts_is_refused(string text) =>
        Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => ContainerCommand.ParseEntrypoint(text)).Fault);

    private static Image Image(string entrypoint, string command)
    {
        var digest = Digest.Of("x"u8);
        var config = new ImageConfig([], Words(entrypoint), Words(command), "", "");
        return new Image("test", digest, [], config) { Platform = Platform.Current, Manifest = digest };
    }

    private static ImmutableArray<string> Words(string text) => text.Length > 0 ? [text] : [];
}
