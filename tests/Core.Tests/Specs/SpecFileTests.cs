using DotnetRelease.Specs;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Specs;

[TestClass]
public sealed class SpecFileTests
{
    [TestMethod]
    public void Tags_are_expanded_as_far_as_the_text_says()
    {
        var spec = Read("""
            %global upstream greeter
            %define lazy %{upstream}-%{version}
            Name: python3-%{upstream}
            Version: 1.2
            Release: 3%{?dist}%{?unknown:x}
            URL: https://example.org/%{name}
            Source0: %{url}/%{lazy}.tar.gz#/%{name}-100%%.tgz
            Source: plain
            SOURCE7:   seven
            Source: eight
            Patch: fix.patch
            """);

        Assert.AreEqual("python3-greeter", spec.Find("Name")!.Value);
        Assert.AreEqual("3.fc43%{?unknown:x}", spec.Find("Release")!.Value);
        Assert.IsFalse(spec.Find("Release")!.IsComplete);
        Assert.AreEqual("https://example.org/python3-greeter/greeter-1.2.tar.gz#/python3-greeter-100%.tgz", spec.Sources[0].Value);
        Assert.AreEqual("python3-greeter-100%.tgz", spec.Sources[0].FileName);
        Assert.AreEqual("Source0 Source1 Source7 Source8 Patch0", string.Join(' ', spec.Sources.Concat(spec.Patches).Select(tag => tag.Label)));
    }

    [TestMethod]
    [DataRow("%(echo 1)")]
    [DataRow("%{lua: print(1)}")]
    [DataRow("%[1+1]")]
    [DataRow("%{?unknown}")]
    [DataRow("%{!?unknown:1}")]
    [DataRow("%unknown")]
    [DataRow("%{basename:a/b}")]
    [DataRow("%{open")]
    [DataRow("%{with_parameters x}")]
    public void What_needs_code_or_the_distro_stays_as_written(string text)
    {
        var tag = Read($"%define with_parameters() 1\nName: x\nVersion: {text}\nRelease: 1").Find("Version")!;

        Assert.AreEqual(text, tag.Value);
        Assert.IsFalse(tag.IsComplete);
    }

    [TestMethod]
    public void Nothing_in_a_spec_is_run()
    {
        var marker = Path.Combine(Path.GetTempPath(), $"dr-{Guid.NewGuid():n}");

        _ = Read($"%global x %(touch {marker})\n%{{lua: os.execute('touch {marker}')}}\nName: x\nVersion: %{{x}}\nRelease: %(touch {marker})1");

        Assert.IsFalse(File.Exists(marker));
    }

    [TestMethod]
    [DataRow("%global a %{b}%{b}\n%global b %{a}%{a}\nName: x\nVersion: %{a}\nRelease: 1", DisplayName = "round and round")]
    [DataRow("%define a %{a}\nName: x\nVersion: %{a}\nRelease: 1", DisplayName = "itself")]
    [DataRow("Name: %{version}\nVersion: %{name}\nRelease: 1", DisplayName = "two tags")]
    [Timeout(10_000, CooperativeCancellation = true)]
    public void Macros_that_refer_to_themselves_end(string text) => Assert.IsFalse(Read(text).Find("Version")!.IsComplete);

    [TestMethod]
    [Timeout(10_000, CooperativeCancellation = true)]
    public void A_macro_bomb_is_not_expanded()
    {
        var lines = Enumerable.Range(1, 60).Select(level => $"%define m{level} %{{m{level - 1}}}%{{m{level - 1}}}");

        var spec = Read($"%define m0 xxxxxxxxxx\n{string.Join('\n', lines)}\nName: x\nVersion: %{{m60}}\nRelease: 1");

        Assert.IsFalse(spec.Find("Version")!.IsComplete);
        Assert.IsLessThan(10_000_000, spec.Find("Version")!.Value.Length);
    }

    [TestMethod]
    [DataRow("%if 0%{?fedora} >= 43 && !0%{?rhel}", true)]
    [DataRow("%if 0%{?fedora} > 43", false)]
    [DataRow("%if \"%{?dist}\" == \".fc43\"", true)]
    [DataRow("%if (1 + 2) * 3 == 9 || 1 / 0", null)]
    [DataRow("%if 0%{?suse_version}", false)]
    [DataRow("%if %{undefined fedora}", null)]
    [DataRow("%if %{with tests}", true)]
    [DataRow("%if %{without tests}", false)]
    [DataRow("%if %{with docs}", false)]
    [DataRow("%ifarch x86_64 aarch64", true)]
    [DataRow("%ifarch %{ix86}", null)]
    [DataRow("%ifnarch x86_64", false)]
    [DataRow("%ifos linux", true)]
    [DataRow("%if v\"1.0\" < v\"2.0\"", null)]
    [DataRow("%if", null)]
    public void Conditions_are_decided_where_the_text_and_the_distro_tell(string condition, bool? holds)
    {
        var spec = Read($"%bcond_without tests\n%bcond_with docs\nName: x\nVersion: 1\nRelease: 1\n{condition}\nSource: yes\n%else\nSource: other\n%endif");

        var sources = string.Join(' ', spec.Sources.Select(tag => $"{tag.Value}{(tag.Applies is null ? "?" : "")}"));
        Assert.AreEqual(holds switch { true => "yes", false => "other", null => "yes? other?" }, sources);
    }

    [TestMethod]
    [DataRow("0", "1", "two")]
    [DataRow("1", "1", "one")]
    [DataRow("0", "0", "three")]
    [DataRow("%{?unknown}", "1", "one two")]
    [DataRow("%{?unknown}", "0", "one three")]
    [DataRow("0", "%{?unknown}", "two three")]
    public void Of_several_branches_the_first_that_holds_counts(string first, string second, string sources)
    {
        var spec = Read($"Name: x\nVersion: 1\nRelease: 1\n%if {first}\nSource: one\n%elif {second}\nSource: two\n%else\nSource: three\n%endif");

        Assert.AreEqual(sources, string.Join(' ', spec.Sources.Select(tag => tag.Value)));
    }

    [TestMethod]
    public void A_macro_under_an_open_condition_is_unclear_unless_it_says_the_same()
    {
        var spec = Read("%global same 1\n%if %{?unknown}\n%global same 1\n%global other 2\n%endif\nName: x\nVersion: %{same}\nRelease: %{other}");

        Assert.AreEqual("1", spec.Find("Version")!.Value);
        Assert.IsFalse(spec.Find("Release")!.IsComplete);
    }

    [TestMethod]
    [DataRow("%if 1\n", 4, "never closed")]
    [DataRow("%endif\n", 4, "no '%if' before it")]
    [DataRow("%else\n", 4, "no '%if' before it")]
    [DataRow("<<<<<<< HEAD\n", 4, "merge conflict")]
    public void A_broken_spec_is_refused_with_its_place(string line, int at, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Read("Name: x\nVersion: 1\nRelease: 1\n" + line));

        Assert.AreEqual(Fault.SpecMalformed, ex.Fault);
        Assert.AreEqual(at, ex.Position!.Value.Line);
        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("Version: 1\nRelease: 1", "Name")]
    [DataRow("Name: 1\nRelease: 1", "Version")]
    [DataRow("Name: 1\nVersion: 1\n# Release: 1", "Release")]
    [DataRow("Name: 1\nVersion: 1\n%description\nRelease: 1", "Release")]
    [DataRow("", "Name")]
    public void A_spec_without_its_main_tags_is_refused(string text, string tag) =>
        Assert.Contains($"no '{tag}:'", Assert.ThrowsExactly<ReleaseException>(() => Read(text)).Message, StringComparison.Ordinal);

    [TestMethod]
    public void NUL_bytes_and_sizes_beyond_reason_are_refused()
    {
        Assert.AreEqual(Fault.SpecMalformed, Assert.ThrowsExactly<ReleaseException>(() => SpecFile.Parse("Name: x\0"u8, SpecPath)).Fault);
        Assert.AreEqual(Fault.InputTooLarge, Assert.ThrowsExactly<ReleaseException>(() => SpecFile.Parse(new byte[SpecFile.SizeLimit + 1], SpecPath)).Fault);
    }

    [TestMethod]
    [DataRow("Summary: x", "y", DisplayName = "a value")]
    [DataRow("Summary", ": y", DisplayName = "before the colon")]
    [DataRow("%global a b", "c", DisplayName = "a macro")]
    [DataRow("%global a(", "c", DisplayName = "parameters that never end")]
    [Timeout(10_000, CooperativeCancellation = true)]
    public void A_long_line_of_blanks_is_read_once(string start, string end)
    {
        var line = $"{start}{new string(' ', 200_000)}{end}{new string(' ', 200_000)}";

        Assert.AreEqual("1", Read($"Name: x\nVersion: 1\nRelease: 1\n{line}\n").Find("Version")!.Value);
    }

    [TestMethod]
    public void Columns_are_counted_in_characters()
    {
        var spec = SpecFile.Parse("Name: x\nVersion: 1\nRelease: 1\nSource(ü): https://example.org/ü"u8, SpecPath).Read(SpecFacts.None);

        Assert.AreEqual(new SourcePosition(SpecPath, 4, 12), spec.Sources.Single().Position);
        Assert.AreEqual("ü", spec.Sources.Single().FileName);
    }

    [TestMethod]
    public void Every_package_with_files_is_built_and_the_source_package_comes_last()
    {
        var spec = Read("""
            Name: qt
            Epoch: 2
            Version: 6
            Release: 1%{?dist}
            %description
            %package devel
            Summary: d
            %package -n python3-qt
            BuildArch: noarch
            Version: 9
            %package without
            %files
            %files devel
            %files -n python3-qt -f list
            """);

        Assert.AreEqual(
            "qt-2:6-1.fc43.x86_64 qt-devel-2:6-1.fc43.x86_64 python3-qt-2:9-1.fc43.noarch qt-2:6-1.fc43.src", string.Join(' ', spec.Nevras("x86_64")));
    }

    [TestMethod]
    [DataRow("1%{?dist}", "1%{?dist}")]
    [DataRow("%unknown", "%unknown")]
    [DataRow("%(date +%s)%{?x}", "%{…}%{?x}")]
    [DataRow("%{lua: print({})}.1", "%{…}.1")]
    [DataRow("%{?x:.%{y}}", "%{…}")]
    [DataRow("%[1+1]", "%{…}")]
    [DataRow("%{", "%{…}")]
    [DataRow("1%", "1%")]
    public void Code_in_a_package_name_is_shown_as_one_macro(string release, string shown) =>
        Assert.AreEqual($"x-1-{shown}.src", SpecFile.Parse($"Name: x\nVersion: 1\nRelease: {release}\n", SpecPath).Read(SpecFacts.None).Nevras("x86_64").Single());

    [TestMethod]
    public void A_definition_over_several_lines_hides_no_tag_and_makes_none()
    {
        var spec = Read("%global text %{expand:\nName: no\n}\n%define list a \\\n  Version: no \\\n  b\n%global broken %{\nName: x\nVersion: 1\nRelease: 1");

        Assert.AreEqual("x 1", $"{spec.Find("Name")!.Value} {spec.Find("Version")!.Value}");
    }

    private static SpecReading Read(string text) => SpecFile.Parse(text, SpecPath).Read(SpecFacts.For(".fc43", "x86_64"));
}
