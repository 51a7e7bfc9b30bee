using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class ChangelogTests
{
    [TestMethod]
    [DataRow("* Mon May 27 2024 M <m@x> - 1.0-2\n- x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1-1\n- Update to 1.1\n\n", DisplayName = "the usual form")]
    [DataRow("* Mon May 27 2024 M <m@x> 1.0-2\n- x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> 1.1-1\n- Update to 1.1\n\n", DisplayName = "no dash")]
    [DataRow("* Mon May 27 2024 M <m@x>\n- x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org>\n- Update to 1.1\n\n", DisplayName = "no version")]
    [DataRow("* Mon May 27 2024 M <m@x> - 1.0\n- x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1\n- Update to 1.1\n\n", DisplayName = "only the version")]
    [DataRow("* Mon May 27 2024 M <m@x> - 1.0-2\n* x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1-1\n- Update to 1.1\n", DisplayName = "unknown items")]
    [DataRow("* Mon May 27 2024 M <m@x> - 1.0-2\n  + x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1-1\n  + Update to 1.1\n\n", DisplayName = "another bullet")]
    [DataRow("* Mon May 27 12:30:00 CEST 2024 M <m@x> - 1.0-2\n- x\n", "* Thu Jun 20 12:00:00 UTC 2024 Alice Example <alice@example.org> - 1.1-1\n- Update to 1.1\n\n", DisplayName = "with time")]
    [DataRow("* Mon May 27 2024 M <m@x> - 1.0-2\n- x\n* Mon May 27 2024 M <m@x> - 1.0-1\n- x\n", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1-1\n- Update to 1.1\n", DisplayName = "no blank lines")]
    [DataRow("", "* Thu Jun 20 2024 Alice Example <alice@example.org> - 1.1-1\n- Update to 1.1\n", DisplayName = "an empty changelog")]
    public void The_entry_has_the_style_of_the_newest_one(string existing, string entry)
    {
        var update = Update(Small("1.0", changelog: "%changelog\n" + existing), "1.1");

        Assert.AreEqual(Small("1.1", changelog: "%changelog\n" + entry + existing), update.Spec.Text());
    }

    [TestMethod]
    [DataRow("* Fri Jun  7 2024 M <m@x> - 1.0-2", "* Sat Jun  8 2024 ")]
    [DataRow("* Fri Jun 7 2024 M <m@x> - 1.0-2", "* Sat Jun 8 2024 ")]
    [DataRow("* Fri Jun 07 2024 M <m@x> - 1.0-2", "* Sat Jun 08 2024 ")]
    public void A_day_below_ten_is_written_as_it_was_before(string existing, string start)
    {
        var spec = SpecFile.Parse(Small("1.0", changelog: "%changelog\n" + existing + "\n- x\n"), SpecPath);

        var update = SpecUpdate.Make(new(spec, "1.1", []) { Author = Author with { Date = new(2024, 6, 8) } });

        Assert.Contains("%changelog\n" + start + "Alice", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(2024, 5, 27, "Mon May 27 2024")]
    [DataRow(2024, 2, 29, "Thu Feb 29 2024")]
    [DataRow(2025, 1, 1, "Wed Jan 01 2025")]
    [DataRow(1999, 12, 31, "Fri Dec 31 1999")]
    [DataRow(2100, 2, 28, "Sun Feb 28 2100")]
    public void The_weekday_fits_the_date(int year, int month, int day, string text)
    {
        var spec = SpecFile.Parse(Small("1.0", changelog: "%changelog\n"), SpecPath);

        var update = SpecUpdate.Make(new(spec, "1.1", []) { Author = Author with { Date = new(year, month, day) } });

        Assert.Contains($"* {text} Alice", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_date_before_the_newest_entry_is_raised_to_it()
    {
        var update = Update(Small("1.0", changelog: "%changelog\n* Tue Jan 06 2026 M <m@x> - 1.0-2\n- x\n"), "1.1");

        Assert.Contains("* Tue Jan 06 2026 Alice Example <alice@example.org> - 1.1-1\n", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("%changelog\n%autochangelog\n")]
    [DataRow("%changelog\n%{autochangelog}\n")]
    public void Without_an_own_changelog_there_is_no_entry(string changelog) =>
        Assert.AreEqual(Small("1.1", changelog: changelog), Update(Small("1.0", changelog: changelog), "1.1").Spec.Text());

    [TestMethod]
    public void An_entry_that_the_maintainer_wrote_before_is_enough()
    {
        var changelog = "%changelog\n* Mon May 27 2024 M <m@x> - 1.1-1\n- By hand\n";

        Assert.AreEqual(Small("1.1", changelog: changelog), Update(Small("1.0", changelog: changelog), "1.1").Spec.Text());
    }

    [TestMethod]
    public void A_version_edited_by_hand_still_gets_its_entry_once()
    {
        var once = Update(Small("1.1", changelog: "%changelog\n* Mon May 27 2024 M <m@x> - 1.0-1\n- x\n"), "1.1");

        Assert.AreEqual("%changelog", once.Changes.Single().What);
        Assert.IsEmpty(Update(once.Spec.Text(), "1.1").Changes);
    }

    [TestMethod]
    public void A_release_raised_by_hand_is_the_maintainers_to_explain() =>
        Assert.IsEmpty(Update(Small("1.1", "2%{?dist}", changelog: "%changelog\n* Mon May 27 2024 M <m@x> - 1.1-1\n- x\n"), "1.1").Changes);

    [TestMethod]
    public void Epoch_and_automatic_release_are_written_as_rpm_would_show_them()
    {
        var update = Update(Small("1.0", "%autorelease", "Epoch: 2", "%changelog\n* Mon May 27 2024 M <m@x> - 2:1.0-1\n- x\n"), "1.1");

        Assert.Contains("<alice@example.org> - 2:1.1\n", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_percent_sign_in_a_name_is_no_macro()
    {
        var spec = SpecFile.Parse(Small("1.0", changelog: "%changelog\n"), SpecPath);

        var update = SpecUpdate.Make(new(spec, "1.1", []) { Author = Author with { Name = "100%(id)" } });

        Assert.Contains("100%%(id) <alice@example.org>", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void The_section_after_a_changelog_in_the_middle_stays_where_it_is()
    {
        var spec = Small("1.0", changelog: "%changelog\n* Mon May 27 2024 M <m@x> - 1.0-1\n- x\n\n%post\ntrue\n");

        var update = Update(spec, "1.1");

        Assert.EndsWith("- 1.0-1\n- x\n\n%post\ntrue\n", update.Spec.Text(), StringComparison.Ordinal);
    }
}
