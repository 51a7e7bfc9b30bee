using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class SpecUpdateTests
{
    [TestMethod]
    public void A_bump_touches_version_release_digests_and_changelog_and_nothing_else()
    {
        var update = Update(PySide6, "6.7.2", [.. PySide6Bump]);

        var expected = PySide6
            .Replace("Version:        6.7.1", "Version:        6.7.2", StringComparison.Ordinal)
            .Replace("Release:        3%", "Release:        1%", StringComparison.Ordinal)
            .Replace("45a539286e3a8afafd3ebc6b3391d587ce86293564ecba3a994e335dc68fe599 %", Hex("pyside6") + " %", StringComparison.Ordinal)
            .Replace("e9fbfc31e0de5075ee98d92cdbd7ccd274e4ac25100c890ae5bddfc8804a304c", Hex("addons"), StringComparison.Ordinal)
            .Replace("b2d70dc4376c1b1ff5b2988a428a0ed5a889173ce9a0b56803468063d0ef7c75", Hex("essentials"), StringComparison.Ordinal)
            .Replace("6322b7a6232fc93eac0b11489007734438ae1e6213429fd6d7521d04072c2f87", Hex("shiboken6"), StringComparison.Ordinal)
            .Replace("%changelog\n", """
                %changelog
                * Thu Jun 20 2024 Alice Example <alice@example.org> - 6.7.2-1
                - Update to 6.7.2 (pyside6 6.7.1 -> 6.7.2, pyside6-addons 6.7.1 -> 6.7.2,
                  pyside6-essentials 6.7.1 -> 6.7.2, shiboken6 6.7.1 -> 6.7.2)


                """, StringComparison.Ordinal);
        Assert.AreEqual(expected, update.Spec.Text());
        CollectionAssert.AreEqual(
            (string[])["Version", "Release", "digest", "digest", "digest", "digest", "%changelog"], update.Changes.Select(change => change.What).ToArray());
        Assert.IsEmpty(update.Notes);
    }

    [TestMethod]
    public void The_second_update_changes_nothing()
    {
        var once = Update(PySide6, "6.7.2", [.. PySide6Bump]);

        var twice = Update(once.Spec.Text(), "6.7.2", [.. PySide6Bump]);

        Assert.IsEmpty(twice.Changes);
        Assert.AreEqual(once.Spec.Text(), twice.Spec.Text());
    }

    [TestMethod]
    public void Wheels_that_change_their_case_and_tags_are_found_in_the_lock()
    {
        var spec = Small("6.9.1", extra: "Source0: https://example.org/6.9.1/PySide6-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl");
        var update = Update(spec, "6.10.0", new FollowedPackage(
            [Wheels("pyside6", "6.9.1", "PySide6-6.9.1-cp39-abi3-manylinux_2_28_x86_64.whl")],
            Wheels("pyside6", "6.10.0",
                "pyside6-6.10.0-cp39-abi3-manylinux_2_39_aarch64.whl", "pyside6-6.10.0-cp39-abi3-win_amd64.whl",
                "pyside6-6.10.0-cp39-abi3-manylinux_2_34_x86_64.whl", "pyside6-6.10.0-cp39-abi3-macosx_13_0_universal2.whl")));

        Assert.Contains("Source0: https://example.org/6.9.1/pyside6-%{version}-cp39-abi3-manylinux_2_34_x86_64.whl\n", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_source_of_another_machine_gets_the_wheel_of_that_machine()
    {
        var spec = Small(
            "6.8.0",
            extra: "Source0: pyside6-6.8.0-cp39-abi3-manylinux_2_28_x86_64.whl\nSource1: pyside6-6.8.0-cp39-abi3-manylinux_2_31_aarch64.whl");
        var update = Update(spec, "6.8.1", new FollowedPackage([], Wheels("pyside6", "6.8.1",
            "pyside6-6.8.1-cp39-abi3-manylinux_2_39_aarch64.whl", "pyside6-6.8.1-cp39-abi3-manylinux_2_28_x86_64.whl")));

        Assert.Contains("Source0: pyside6-%{version}-cp39".Replace("%{version}", "6.8.1", StringComparison.Ordinal), update.Spec.Text(), StringComparison.Ordinal);
        Assert.Contains("Source1: pyside6-6.8.1-cp39-abi3-manylinux_2_39_aarch64.whl\n", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_tag_set_in_one_macro_is_edited_once_for_all_source_lines()
    {
        var spec = Small(
            "6.6.3",
            extra: "%global tags cp38-abi3-manylinux_2_28_x86_64\nSource0: PySide6-%{version}-%{tags}.whl\nSource1: shiboken6-%{version}-%{tags}.whl");
        var update = Update(
            spec,
            "6.7.0",
            new FollowedPackage([], Wheels("pyside6", "6.7.0", "PySide6-6.7.0-cp39-abi3-manylinux_2_28_x86_64.whl")),
            new FollowedPackage([], Wheels("shiboken6", "6.7.0", "shiboken6-6.7.0-cp39-abi3-manylinux_2_28_x86_64.whl")));

        Assert.AreEqual(Small("6.7.0", extra: "%global tags cp39-abi3-manylinux_2_28_x86_64\nSource0: PySide6-%{version}-%{tags}.whl\nSource1: shiboken6-%{version}-%{tags}.whl"), update.Spec.Text());
    }

    [TestMethod]
    public void A_whole_url_in_a_macro_is_edited_there()
    {
        var spec = Small("1.0", extra: "%global wheel https://example.org/greeter-1.0-py3-none-any.whl\nSource0: %{wheel}");

        var update = Update(spec, "1.1", new FollowedPackage([], Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl")));

        Assert.AreEqual(Small("1.1", extra: "%global wheel https://example.org/greeter-1.1-py3-none-any.whl\nSource0: %{wheel}"), update.Spec.Text());
    }

    [TestMethod]
    public void A_source_archive_is_followed_by_a_source_archive()
    {
        var spec = Small("1.0", extra: "Source0: https://example.org/g/%{name}-1.0.tar.gz");

        var update = Update(spec, "1.1", new FollowedPackage(
            [Wheels("greeter", "1.0", "greeter-1.0.tar.gz")], Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl", "greeter-1.1.tar.gz")));

        Assert.Contains("Source0: https://example.org/g/%{name}-1.1.tar.gz\n", update.Spec.Text(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_file_of_a_followed_package_without_wheel_for_the_machine_names_what_there_is()
    {
        var spec = Small("1.0", extra: "Source0: greeter-1.0-cp39-abi3-manylinux_2_28_x86_64.whl");

        var ex = Assert.ThrowsExactly<ReleaseException>(() =>
            Update(spec, "1.1", new FollowedPackage([], Wheels("greeter", "1.1", "greeter-1.1-cp39-abi3-win_amd64.whl"))));

        Assert.AreEqual(Fault.WheelNotFound, ex.Fault);
        Assert.Contains("greeter 1.1 has no wheel for Linux x86_64. There are: greeter-1.1-cp39-abi3-win_amd64.whl.", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_file_name_written_out_beside_its_digest_follows_too()
    {
        var extra = "Source0: https://example.org/greeter-%{version}-py3-none-any.whl\n%prep\nsha256sum -c <<END\n{0}  greeter-{1}-py3-none-any.whl\nEND\n";
        var old = Small("1.0", extra: extra.Replace("{0}", Hex("old"), StringComparison.Ordinal).Replace("{1}", "1.0", StringComparison.Ordinal));

        var update = Update(old, "1.1", Bump("greeter", "1.0", "1.1", ("greeter-1.0-py3-none-any.whl", Hex("old")), ("greeter-1.1-py3-none-any.whl", Hex("new"))));

        Assert.AreEqual(
            Small("1.1", extra: extra.Replace("{0}", Hex("new"), StringComparison.Ordinal).Replace("{1}", "1.1", StringComparison.Ordinal)), update.Spec.Text());
    }

    [TestMethod]
    [DataRow("# was checked: {0}\n", DisplayName = "comment")]
    [DataRow("%global hash {0}\n", DisplayName = "macro")]
    [DataRow("# {0} {0}\n", DisplayName = "twice in a line")]
    public void A_digest_of_the_old_lock_is_replaced_wherever_it_stands(string place)
    {
        var extra = "Source0: greeter-%{version}-py3-none-any.whl\n";
        var update = Update(
            Small("1.0", extra: extra + place.Replace("{0}", Hex("old"), StringComparison.Ordinal)),
            "1.1",
            Bump("greeter", "1.0", "1.1", ("greeter-1.0-py3-none-any.whl", Hex("old")), ("greeter-1.1-py3-none-any.whl", Hex("new"))));

        Assert.AreEqual(Small("1.1", extra: extra + place.Replace("{0}", Hex("new"), StringComparison.Ordinal)), update.Spec.Text());
    }

    [TestMethod]
    [DataRow("echo \"{0} %{SOURCE0}\" | sha256sum -c\n")]
    [DataRow("echo \"{0} %{S:0}\" | sha256sum -c\n")]
    [DataRow("{0}  greeter-%{version}-py3-none-any.whl\n")]
    [DataRow("%global hash {0}\necho \"%{hash} %{SOURCE0}\" | sha256sum -c\n")]
    public void A_digest_without_an_old_lock_is_known_by_what_its_line_names(string place)
    {
        var extra = "Source0: greeter-%{version}-py3-none-any.whl\n%prep\n";
        var update = Update(
            Small("1.0", extra: extra + place.Replace("{0}", Hex("forgotten"), StringComparison.Ordinal)),
            "1.1",
            new FollowedPackage([], Package("greeter", "1.1", ("greeter-1.1-py3-none-any.whl", Hex("new")))));

        Assert.AreEqual(Small("1.1", extra: extra + place.Replace("{0}", Hex("new"), StringComparison.Ordinal)), update.Spec.Text());
    }

    [TestMethod]
    public void A_digest_of_nothing_known_stays_and_is_noted()
    {
        var extra = $"Source0: greeter-%{{version}}-py3-none-any.whl\n# {Hex("nobody")}\n# {Hex("sources file")}\n# {new string('a', 128)}\n";
        var spec = SpecFile.Parse(Small("1.0", extra: extra), SpecPath);
        var update = SpecUpdate.Make(new(spec, "1.1", [new FollowedPackage([], Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl"))])
        {
            OtherDigests = [Digest.Of("sources file")],
        });

        Assert.AreEqual(Small("1.1", extra: extra), update.Spec.Text());
        Assert.AreEqual(7, update.Notes.Single().Position.Line);
        Assert.Contains(Hex("nobody")[..12], update.Notes[0].Text, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("%global ver 1.0", "%{ver}", "%global ver 1.1", "%{ver}")]
    [DataRow("%define ver 1.0 ", "%{?ver}", "%define ver 1.1 ", "%{?ver}")]
    [DataRow("%global a 1.0\n%global ver %a", "%ver", "%global a 1.1\n%global ver %a", "%ver")]
    [DataRow("%global major 1\n%global minor 0", "%{major}.%{minor}", "%global major 1\n%global minor 1", "%{major}.%{minor}")]
    public void A_version_behind_macros_is_edited_where_it_is_defined(string before, string version, string after, string same)
    {
        var update = Update(before + "\n" + Small(version), "1.1");

        Assert.AreEqual(after + "\n" + Small(same), update.Spec.Text());
    }

    [TestMethod]
    [DataRow("%(git describe)")]
    [DataRow("%{lua:print(1)}")]
    [DataRow("%{unknown_macro}")]
    [DataRow("%{major}.%{minor}.%{patch}")]
    public void A_computed_version_is_an_error_that_says_what_to_write(string version)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Update("%global major 1\n%global minor 0\n" + Small(version), "1.1"));

        Assert.AreEqual(Fault.SpecMalformed, ex.Fault);
        Assert.AreEqual(new SourcePosition(SpecPath, 4, 10), ex.Position);
        Assert.Contains("Version: 1.1", ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("%if 0%{?rhel}\nVersion: 1.0\n%else\nVersion: 0.9\n%endif\n")]
    [DataRow("%if %{unknown}\n%global ver 1.0\n%else\n%global ver 0.9\n%endif\nVersion: %{ver}\n")]
    public void A_version_that_depends_on_a_condition_is_an_error(string lines)
    {
        var spec = Small().Replace("Version: 1.0\n", lines, StringComparison.Ordinal);

        Assert.AreEqual(Fault.SpecMalformed, Assert.ThrowsExactly<ReleaseException>(() => Update(spec, "1.1")).Fault);
    }

    [TestMethod]
    public void A_prerelease_gets_the_tilde_that_sorts_it_first()
    {
        var update = Update(
            Small("6.7.2", extra: "Source0: pyside6-%{version}-py3-none-any.whl"),
            "6.8.0rc1",
            new FollowedPackage([], Wheels("pyside6", "6.8.0rc1", "pyside6-6.8.0rc1-py3-none-any.whl")));

        Assert.AreEqual(Small("6.8.0~rc1", extra: "Source0: pyside6-6.8.0rc1-py3-none-any.whl"), update.Spec.Text());
        Assert.IsEmpty(Update(Small("6.8.0rc1"), "6.8.0rc1").Changes);
    }

    [TestMethod]
    [DataRow("7%{?dist}", "1%{?dist}")]
    [DataRow("3.2%{?dist}", "1%{?dist}")]
    [DataRow("2%{?dist}.5", "1%{?dist}")]
    [DataRow("0.3.rc1%{?dist}", "1%{?dist}")]
    [DataRow("4.local%{?dist}", "1.local%{?dist}")]
    [DataRow("4", "1")]
    [DataRow("%autorelease", "%autorelease")]
    [DataRow("%{autorelease -b 3}", "%{autorelease -b 3}")]
    public void A_new_version_resets_the_release(string before, string after) =>
        Assert.AreEqual(Small("1.1", after), Update(Small("1.0", before), "1.1").Spec.Text());

    [TestMethod]
    [DataRow("%{baserelease}%{?dist}")]
    [DataRow("%{?baserelease}%{?dist}")]
    [DataRow("%baserelease")]
    public void A_release_behind_a_macro_is_reset_where_it_is_defined(string release) =>
        Assert.AreEqual(
            "%global baserelease 1\n" + Small("1.1", release), Update("%global baserelease 12\n" + Small("1.0", release), "1.1").Spec.Text());

    [TestMethod]
    public void A_release_without_a_number_is_noted()
    {
        var update = Update(Small("1.0", "%{ci_release}"), "1.1");

        Assert.AreEqual(Small("1.1", "%{ci_release}"), update.Spec.Text());
        Assert.AreEqual(new SourcePosition(SpecPath, 3, 1), update.Notes.Single().Position);
    }

    [TestMethod]
    [DataRow("3%{?dist}", "4%{?dist}")]
    [DataRow("0.3.rc1%{?dist}", "0.4.rc1%{?dist}")]
    public void Other_files_under_the_same_version_raise_the_release(string before, string after)
    {
        var extra = "Source0: shiboken6-{0}-py3-none-any.whl\n";
        var update = Update(
            Small("1.0", before, extra.Replace("{0}", "2.0", StringComparison.Ordinal)),
            "1.0",
            new FollowedPackage([], Wheels("shiboken6", "2.1", "shiboken6-2.1-py3-none-any.whl")));

        Assert.AreEqual(Small("1.0", after, extra.Replace("{0}", "2.1", StringComparison.Ordinal)), update.Spec.Text());
    }

    [TestMethod]
    public void Line_endings_the_missing_last_newline_and_foreign_bytes_survive()
    {
        byte[] before = [.. "Name: x\r\nVersion: 1.0 \r\nRelease: 2\n# "u8, 0xe9, 0xff, .. "\r\n%files\r\n%changelog\r\n* Mon May 27 2024 A <a@b> - 1.0-2\r\n- x"u8];

        var update = SpecUpdate.Make(new(SpecFile.Parse(before, SpecPath), "1.1", []) { Author = Author with { Name = "Zoë" } });

        byte[] after =
        [
            .. "Name: x\r\nVersion: 1.1 \r\nRelease: 1\n# "u8, 0xe9, 0xff,
            .. "\r\n%files\r\n%changelog\r\n* Thu Jun 20 2024 Zoë <alice@example.org> - 1.1-1\r\n- Update to 1.1\r\n\r\n* Mon May 27 2024 A <a@b> - 1.0-2\r\n- x"u8,
        ];
        CollectionAssert.AreEqual(after, update.Spec.ToBytes());
    }
}
