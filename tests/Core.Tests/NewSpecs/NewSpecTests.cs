using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;
using DotnetRelease.NewSpecs;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.NewSpecs;

/// <summary>The spec that is written for wheels. rpmspec and rpmlint are the judges.</summary>
[TestClass]
public sealed class NewSpecTests(TestContext test)
{
    private const int Patience = 60_000;
    private const string Greeter = "rpm-specs/python3-greeter/python3-greeter.spec", Qt = "rpm-specs/python3-qt/python3-qt.spec";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_wheel_for_any_machine_becomes_a_short_noarch_spec()
    {
        using var project = new NewSpecProject().AddGreeter(
            "Summary: greets whoever runs it.\nLicense-Expression: MIT\nProject-URL: Homepage, https://example.org/greeter\nRequires-Python: >=3.9,<4\nRequires-Dist: Rich_Text>=2\nRequires-Dist: pytest; extra == 'test'\nRequires-Dist: tomli; python_version < '3.11'",
            wheel => wheel.Add("greeter/__init__.py", "").Add("greeter_cli.py", "").Add("greeter-1.0.dist-info/entry_points.txt", "[console_scripts]\ngreet = greeter_cli:main\n[other]\nx = y\n")
                .Add("greeter-1.0.dist-info/licenses/LICENSE", "MIT\n").Add("greeter-1.0.data/data/share/man/man1/greet.1", "").Add("greeter-1.0.data/data/share/greeter/a/b", ""));

        var (spec, plan) = await project.WriteAsync("python3-greeter", Ct, "greeter");

        var text = spec.Text[spec.Text.IndexOf("Name:", StringComparison.Ordinal)..];
        Assert.AreEqual("""
            Name:           python3-greeter
            Version:        1.0
            Release:        1%{?dist}
            Summary:        Greets whoever runs it

            License:        MIT
            URL:            https://example.org/greeter
            Source0:        greeter-%{version}-py3-none-any.whl

            BuildArch:      noarch
            BuildRequires:  python3-devel >= 3.9
            BuildRequires:  python3-pip
            # For %%check, which imports the modules.
            BuildRequires:  python3dist(rich-text)
            # rpm's generator for Python makes Requires of what the wheels say that they need:
            #   Rich_Text>=2
            #   tomli; python_version < '3.11'

            %description
            Greets whoever runs it.


            %prep
            # The build trusts nothing that it was handed: these are the digests that the lock names.
            sha256sum --check --strict - <<'END'
            DIGEST  %{SOURCE0}
            END
            %setup -q -c -T


            %build
            # A wheel is built already.


            %install
            %wheel_install %{SOURCE0}

            # From here on the files belong to rpm: pip must not offer to uninstall them, and where the wheels lay is of no interest.
            for info in %{buildroot}%{python3_sitelib}/*.dist-info; do
                rm -f "$info/RECORD" "$info/REQUESTED" "$info/direct_url.json"
                echo rpm > "$info/INSTALLER"
            done


            %check
            # Without bytecode, or what the test leaves behind would be packaged and differ with every build.
            export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=%{buildroot}%{python3_sitelib}
            %{python3} - <<'END'
            import greeter
            import greeter_cli
            END


            %files
            %{_bindir}/greet
            %{_datadir}/greeter/
            %{_mandir}/man1/greet.1*
            %{python3_sitelib}/greeter/
            %{?pycached:%{pycached %{python3_sitelib}/greeter_cli.py}}%{!?pycached:%{python3_sitelib}/greeter_cli.py}
            %dir %{python3_sitelib}/greeter-%{version}.dist-info/
            %license %{python3_sitelib}/greeter-%{version}.dist-info/[Ll][Ii][Cc]*
            %{python3_sitelib}/greeter-%{version}.dist-info/[!Ll]*


            %changelog
            * Thu Jun 20 2024 Alice Example <alice@example.org> - 1.0-1
            - First package, from greeter 1.0

            """.Replace("DIGEST", plan.Sources.Single().Digest.Hex, StringComparison.Ordinal), text);
        Assert.IsEmpty(spec.Notes);
        await AcceptAsync(project, Greeter);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_libraries_of_one_compiled_wheel_are_private()
    {
        var wheel = new WheelBytes("vector-2.0.dist-info", "Metadata-Version: 2.1\nName: vector\nVersion: 2.0\nLicense: BSD\n", isPure: false)
            .Add("vector/__init__.py", "").Add("vector/core.cpython-314-x86_64-linux-gnu.so", "").Add("vector.libs/libgfortran-040039e1.so.5.0.0", "").Add("vector.libs/libz.so.1", "")
            .Add("vector/include/vector.h", "").Add("vector/data/x", "").Add("_vector.abi3.so", "");
        using var project = new NewSpecProject().Add("vector", "2.0", ("vector-2.0-cp314-cp314-manylinux_2_28_x86_64.whl", wheel.Build()));

        var (spec, _) = await project.WriteAsync("python3-greeter", Ct, "vector");

        Assert.Contains("%global __provides_exclude_from ^%{python3_sitearch}/.*[.]so.*$\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("%global __requires_exclude ^(libgfortran-[0-9a-f]{8}|libz)([.]abi3)?[.]so.*$\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("ExclusiveArch:  x86_64\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("\n+ vector/data\n- vector/include\nEND\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("\nimport _vector\nimport vector\nEND\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("%files\n%{python3_sitearch}/_vector.abi3.so\n%{python3_sitearch}/vector.libs/\n%{python3_sitearch}/vector/\n%{python3_sitearch}/vector-%{version}.dist-info/\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("calls its licence 'BSD', which names no version or kind", spec.Notes.Single(), StringComparison.Ordinal);
        await AcceptAsync(project, Greeter);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Four_wheels_that_fill_one_folder_become_one_spec()
    {
        using var project = new NewSpecProject().AddQt();

        var (spec, plan) = await project.WriteAsync("python3-qt", Ct, QtWheels.Packages);

        Assert.Contains("License:        LGPL-3.0-only\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("Source0:        PySide6-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl\nSource1:        PySide6_Addons-%{version}-", spec.Text, StringComparison.Ordinal);
        Assert.Contains("__requires_exclude ^(libQt6.*|libicudata|libpyside6|libshiboken6)([.]abi3)?[.]so.*$\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("%wheel_install %{SOURCE0} %{SOURCE1} %{SOURCE2} %{SOURCE3}\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("+ PySide6/Qt\n+ PySide6/Qt/lib\n+ PySide6/Qt/plugins\n+ PySide6/Qt/plugins/platforms\n+ PySide6/Qt/qml\n+ PySide6/Qt/qml/QtCharts\n+ PySide6/QtAsyncio\n- PySide6/include\n+ PySide6/scripts\n- PySide6/typesystems\nEND\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("import PySide6\nimport shiboken6\nEND\n", spec.Text, StringComparison.Ordinal);
        Assert.HasCount(1, Regex.Matches(spec.Text, @"(?m)^%\{python3_sitearch\}/PySide6/$"));
        Assert.DoesNotContain("python3dist(", spec.Text, StringComparison.Ordinal);
        Assert.AreEqual("[[rpm]]\nname = \"python3-qt\"\nspec = \"rpm-specs/python3-qt/python3-qt.spec\"\nfollows = [\"pyside6\", \"pyside6-addons\", \"pyside6-essentials\", \"shiboken6\"]\nversion-of = \"pyside6\"\ntargets = [\"fedora-43\"]\n", plan.Lines);
        await AcceptAsync(project, Qt);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task Each_machine_gets_its_own_wheel()
    {
        static byte[] Wheel() => new WheelBytes("vector-2.0.dist-info", "Metadata-Version: 2.1\nName: vector\nVersion: 2.0\nLicense-Expression: MIT\n", isPure: false).Add("vector.abi3.so", "").Build();
        using var project = new NewSpecProject("[target.fedora-43]\nimage = \"fedora:43\"\narch = [\"x86_64\", \"aarch64\"]\n[target.el9]\nimage = \"almalinux:9\"\n")
            .Add("vector", "2.0",
                ("vector-2.0-cp39-abi3-manylinux_2_40_x86_64.whl", Wheel()), ("vector-2.0-cp39-abi3-manylinux_2_34_x86_64.whl", Wheel()), ("vector-2.0-cp39-abi3-manylinux_2_39_aarch64.whl", Wheel()))
            .AddGreeter("License: MIT License");

        var (spec, _) = await project.WriteAsync("python3-greeter", Ct, "vector", "greeter");

        Assert.Contains("""
            Source1:        greeter-1.0-py3-none-any.whl
            %ifarch x86_64
            Source0:        vector-%{version}-cp39-abi3-manylinux_2_34_x86_64.whl
            %endif
            %ifarch aarch64
            Source0:        vector-%{version}-cp39-abi3-manylinux_2_39_aarch64.whl
            %endif

            ExclusiveArch:  x86_64 aarch64
            """, spec.Text, StringComparison.Ordinal);
        Assert.Contains("%{python3_sitelib}/greeter-*.dist-info/\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("greeter has version 1.0; Version: of the spec is that of vector.", spec.Notes.Single(), StringComparison.Ordinal);
        Assert.Contains("manylinux_2_39_aarch64.whl", (await project.ExpandAsync(Greeter, Ct, "--target", "aarch64")).Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_library_in_a_wheel_for_any_machine_makes_the_package_one_for_its_machine()
    {
        using var project = new NewSpecProject().AddGreeter("License: MIT", wheel => wheel.Add("greeter/__init__.py", "").Add("greeter/libgreet.so", ""));

        var (spec, _) = await project.WriteAsync("python3-greeter", Ct, "greeter");

        Assert.Contains("ExclusiveArch:  x86_64\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("%global __provides_exclude_from ^%{python3_sitelib}/.*[.]so.*$\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("%global __requires_exclude ^(libgreet)([.]abi3)?[.]so.*$\n", spec.Text, StringComparison.Ordinal);
        await AcceptAsync(project, Greeter);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task The_spec_of_several_machines_follows_the_next_lock()
    {
        static byte[] Wheel(string content) => new WheelBytes("vector-2.0.dist-info", "Metadata-Version: 2.1\nName: vector\nVersion: 2.0\nLicense-Expression: MIT\n", isPure: false).Add("vector.abi3.so", content).Build();
        using var project = new NewSpecProject("[target.fedora-43]\nimage = \"fedora:43\"\narch = [\"x86_64\", \"aarch64\"]\n")
            .Add("vector", "2.0", ("vector-2.0-cp39-abi3-manylinux_2_28_x86_64.whl", Wheel("x")), ("vector-2.0-cp39-abi3-manylinux_2_28_aarch64.whl", Wheel("a")));
        var text = (await project.WriteAsync("python3-greeter", Ct, "vector")).Spec.Text;
        var old = LockfileReader.Read(File.ReadAllBytes(project["poetry.lock"]), "poetry.lock").Packages.Single();
        var next = Specs.SpecTexts.Wheels("vector", "2.1", "vector-2.1-cp310-abi3-manylinux_2_34_x86_64.whl", "vector-2.1-cp310-abi3-manylinux_2_39_aarch64.whl");

        var update = SpecUpdate.Make(new(SpecFile.Parse(text, "x.spec"), "2.1", [new([old], next)]) { Archs = ["x86_64", "aarch64"] });

        var result = System.Text.Encoding.UTF8.GetString(update.Spec.ToBytes());
        foreach (var (arch, file) in ((string, string)[])[("x86_64", "vector-%{version}-cp310-abi3-manylinux_2_34_x86_64.whl"), ("aarch64", "vector-%{version}-cp310-abi3-manylinux_2_39_aarch64.whl")])
        {
            Assert.Contains($"%ifarch {arch}\nSource0:        {file}\n%endif\n", result, StringComparison.Ordinal);
            Assert.Contains($"%ifarch {arch}\n{Specs.SpecTexts.Hex(file.Replace("%{version}", "2.1", StringComparison.Ordinal))}  %{{SOURCE0}}\n%endif\n", result, StringComparison.Ordinal);
        }
    }

    // Parsing a spec runs what "%(...)" says, and a line end would begin a tag.
    [TestMethod]
    [Timeout(Patience)]
    public async Task No_word_of_a_wheel_is_a_macro_or_a_tag()
    {
        using var project = new NewSpecProject();
        var evil = $"%(touch {project["owned"]}) %{{lua:os.execute('touch {project["owned"]}')}}";
        project.AddGreeter(
            $"Summary: {evil}\r\n Requires: evil\nLicense: {evil}\nHome-page: https://example.org/{evil.Replace(' ', '/')}\nRequires-Dist: rich ; {evil}\nClassifier: License :: OSI Approved :: {evil}",
            wheel => wheel.Add($"gr%(touch x)/__init__.py", "").Add("greeter space/x.py", "").Add("a\"b`c/__init__.py", "").Add("greeter-1.0.data/scripts/%(touch owned)", ""));

        await project.WriteAsync("python3-greeter", Ct, "greeter");
        var expanded = await project.ExpandAsync(Greeter, Ct);

        Assert.AreEqual(0, expanded.ExitCode, expanded.Error);
        Assert.IsFalse(File.Exists(project["owned"]));
        Assert.Contains($"Summary:        %(touch", expanded.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\nRequires: evil", expanded.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("import gr", expanded.Output, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_folder_that_many_packages_fill_is_owned_but_not_with_all_that_is_in_it()
    {
        using var project = new NewSpecProject().AddGreeter(content: wheel => wheel.Add("google/cloud/greeter/__init__.py", "").Add("google/cloud/greeter/v1/x.py", ""));

        var (spec, _) = await project.WriteAsync("python3-greeter", Ct, "greeter");

        Assert.Contains("%dir %{python3_sitelib}/google/\n%dir %{python3_sitelib}/google/cloud/\n%{python3_sitelib}/google/cloud/greeter/\n", spec.Text, StringComparison.Ordinal);
        Assert.Contains("import google.cloud.greeter\nEND", spec.Text, StringComparison.Ordinal);
        Assert.AreEqual("LicenseRef-Unknown", spec.License);
        Assert.Contains("says nothing about its licence", spec.Notes.Single(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_spec_that_is_there_is_never_overwritten()
    {
        using var project = new NewSpecProject().AddGreeter("License: MIT");
        await project.WriteAsync("python3-greeter", Ct, "greeter");
        File.WriteAllText(project[Greeter], "mine");

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.WriteAsync("python3-greeter", Ct, "greeter"));

        Assert.AreEqual(Fault.SpecExists, ex.Fault);
        Assert.AreEqual("mine", File.ReadAllText(project[Greeter]));
    }

    [TestMethod]
    [DataRow("python3-greeter", "greter", "REL1004", "Did you mean 'greeter'?")]
    [DataRow("python3-greeter", null, "REL0001", "--from-lock")]
    [DataRow("../evil", "greeter", "REL0001", "")]
    [DataRow("-x", "greeter", "REL0001", "")]
    [DataRow("python3-greeter", "other", "REL2010", "its METADATA is that of 'greeter'")]
    [Timeout(Patience)]
    public async Task What_cannot_become_a_spec_is_told(string name, string? package, string id, string words)
    {
        using var project = new NewSpecProject().AddGreeter();
        project.Add("other", "1.0", ("other-1.0-py3-none-any.whl", File.ReadAllBytes(project["index/greeter/greeter-1.0-py3-none-any.whl"])));

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.WriteAsync(name, Ct, package is null ? [] : [package]));

        Assert.AreEqual(id, ex.Fault.Id, ex.Message);
        Assert.Contains(words, ex.Message + ex.Remedy, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(project["rpm-specs"]));
    }

    // The digest would be in the spec before anybody has looked at it.
    [TestMethod]
    [Timeout(Patience)]
    public async Task A_lock_with_an_alarm_becomes_no_spec()
    {
        using var project = new NewSpecProject().AddGreeter("License: MIT");
        await project.CommitAsync(Ct);
        File.WriteAllText(project["poetry.lock"], Regex.Replace(File.ReadAllText(project["poetry.lock"]), "sha256:[0-9a-f]{64}", "sha256:" + new string('1', 64)));

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.WriteAsync("python3-greeter", Ct, "greeter"));

        Assert.AreEqual(Fault.AlarmRaised, ex.Fault);
    }

    [TestMethod]
    public void The_way_to_pip_is_the_one_of_the_documentation() =>
        Assert.Contains("\n    " + InstallSections.Fallback + "\n", File.ReadAllText(Checkout.At("docs", "wheels.md")), StringComparison.Ordinal);

    /// <summary>rpm can parse it and says nothing, and rpmlint finds nothing either.</summary>
    private async Task AcceptAsync(NewSpecProject project, string spec)
    {
        var expanded = await project.ExpandAsync(spec, Ct);
        Assert.AreEqual("0 ", $"{expanded.ExitCode} {expanded.Error}");
        Assert.AreEqual("", await project.LintAsync(spec, Ct));
    }
}
