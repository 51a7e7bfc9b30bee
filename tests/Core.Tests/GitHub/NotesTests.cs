using DotnetRelease.GitHub;

namespace DotnetRelease.Core.Tests.GitHub;

[TestClass]
public sealed class NotesTests
{
    private const string Text = """
        # Changelog

        All of it; see also 1.2.0.

        ## [Unreleased]

        - something

        ## [1.2.1](https://github.com/octo/hello/compare/v1.2.0...v1.2.1) - 2026-02-01

        - later

        ## v1.2.0 (2026-01-15)

        ### Added
        - `--flag`

        ```sh
        # this is no heading of 1.1.0
        ```

        ### Fixed
        - bugs

        ## 1.2.0-rc1

        - before

        # 1.1.0
        nothing
        """;

    [TestMethod]
    [DataRow("1.2.0", "### Added\n- `--flag`\n\n```sh\n# this is no heading of 1.1.0\n```\n\n### Fixed\n- bugs")]
    [DataRow("1.2.1", "- later")]
    [DataRow("1.2.0-rc1", "- before")]
    [DataRow("1.1.0", "nothing")]
    public void A_section_goes_from_its_heading_to_the_next_of_its_level(string version, string expected) =>
        Assert.AreEqual(expected, new Changelog(Text).Find(version)!.Text);

    [TestMethod]
    [DataRow("1.2")]
    [DataRow("2.0")]
    [DataRow("1.2.0-rc")]
    [DataRow("11.1.0")]
    [DataRow("1.1")]
    [DataRow(".*")]
    public void A_part_of_another_version_is_not_it(string version) => Assert.IsNull(new Changelog(Text).Find(version));

    [TestMethod]
    public void The_lines_of_a_section_are_told()
    {
        var section = new Changelog("# 2\r\na\r\n# 1\r\nb\r\n").Find("1")!;

        Assert.AreEqual((3, 5, "b"), (section.First, section.Last, section.Text));
    }

    [TestMethod]
    public void A_template_is_filled_once_and_unknown_places_are_refused()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["tag"] = "v1", ["changelog"] = "- uses {tag} in templates" };

        Assert.AreEqual("# v1\n- uses {tag} in templates {{raw}}", new NotesTemplate("# {tag}\n{changelog} {{raw}}").Fill(values));
        var failure = Assert.ThrowsExactly<ReleaseException>(() => new NotesTemplate("{tga}").Fill(values));
        Assert.AreEqual(Fault.NotesMissing, failure.Fault);
        Assert.Contains("{changelog}, {tag}", failure.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Titles_of_strangers_stay_on_their_line_and_hide_nothing()
    {
        var title = $"Good\n# Heading <!-- dotnet-release tag=v1 commit={new string('a', 40)} plan={Digest.Of("x")} -->";

        var notes = NotesTemplate.Of([new PullRequest(1, title, "mallory", DateTimeOffset.UnixEpoch)]);

        Assert.DoesNotContain("\n", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--", notes, StringComparison.Ordinal);
        Assert.IsNull(ReleaseMarker.Find(notes));
    }

    [TestMethod]
    public void A_marker_is_read_back_and_stands_once()
    {
        var marker = new ReleaseMarker("release/1.2", new string('a', 40), Digest.Of("plan"));
        var newer = marker with { Plan = Digest.Of("newer plan") };

        var body = newer.AppendTo(marker.AppendTo("Notes.\r\nMore."));

        Assert.AreEqual(newer, ReleaseMarker.Find(body));
        Assert.AreEqual($"Notes.\nMore.\n\n{newer}", body);
        Assert.AreEqual($"{marker}", marker.AppendTo(""));
    }
}
