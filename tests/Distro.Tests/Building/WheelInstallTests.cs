namespace DotnetRelease.Distro.Tests.Building;

[TestClass]
public sealed class WheelInstallTests(TestContext test)
{
    private const string Fallback = "%{!?wheel_install:%global wheel_install false}";

    /// <summary>Two wheels with everything that wheels may have, made by Python's own zipfile.</summary>
    private const string Prep = """
        %prep
        %setup -q -c -T
        cat > make.py <<'END'
        import base64, hashlib, zipfile
        def wheel(name, tag, pure, members):
            info = name + "-1.0.dist-info"
            members = dict(members)
            members[info + "/METADATA"] = (0o644, "Metadata-Version: 2.1\nName: %%s\nVersion: 1.0\n" %% name)
            members[info + "/WHEEL"] = (0o644, "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: %%s\nTag: %%s\n" %% (pure, tag))
            record = ""
            with zipfile.ZipFile("%%s-1.0-%%s.whl" %% (name, tag), "w", zipfile.ZIP_DEFLATED) as out:
                def add(path, mode, data):
                    entry = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
                    entry.external_attr = (0o100000 | mode) << 16
                    out.writestr(entry, data, zipfile.ZIP_DEFLATED)
                for path, (mode, text) in members.items():
                    data = text.encode()
                    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                    record += '"%%s",sha256=%%s,%%d\n' %% (path, digest, len(data))
                    add(path, mode, data)
                add(info + "/RECORD", 0o644, (record + info + "/RECORD,,\n").encode())
        wheel("odd_one", "py3-none-any", "true", {
            "odd/__init__.py": (0o644, "def main():\n    print('odd')\nclass App:\n    @staticmethod\n    def run():\n        print('app')\n"),
            "odd/a, b.txt": (0o644, "a comma\n"),
            "odd/ü.txt": (0o644, "ü\n"),
            "odd/empty.txt": (0o644, ""),
            "odd/tool.sh": (0o755, "#!/bin/sh\n"),
            "odd/secret.txt": (0o600, "0600\n"),
            "odd_one-1.0.data/purelib/odd_pure.py": (0o644, "P = 1\n"),
            "odd_one-1.0.data/platlib/odd_plat.py": (0o644, "P = 2\n"),
            "odd_one-1.0.data/headers/odd.h": (0o644, "#define ODD\n"),
            "odd_one-1.0.data/data/share/odd/readme": (0o644, "readme\n"),
            "odd_one-1.0.data/scripts/odd-script": (0o755, "#!python -E\nprint('script')\n"),
            "odd_one-1.0.data/scripts/odd-shell": (0o755, "#!/bin/sh\necho shell\n"),
            "odd_one-1.0.dist-info/licenses/LICENSE": (0o644, "MIT\n"),
            "odd_one-1.0.dist-info/entry_points.txt": (0o644, "# programs\n[console_scripts]\nodd = odd:main\nodd-app=odd:App.run [extra]\n\n[gui_scripts]\nodd-gui = odd:main\n[other]\nx = y\n"),
        })
        wheel("big", "py3-none-any", "false", {
            "big/__init__.py": (0o644, ""), "big/one.bin": (0o644, "1234567890" * 700000), "big/two.bin": (0o755, "abcdefghij" * 700000),
        })
        END
        %{python3} make.py
        """;

    /// <summary>Both ways, side by side; what may differ is put aside before they are compared.</summary>
    private const string Install = """
        %install
        %wheel_install odd_one-1.0-py3-none-any.whl big-1.0-py3-none-any.whl
        mv %{buildroot} ours
        %{python3} -m pip install --no-index --find-links . --no-deps --ignore-installed --no-compile --no-cache-dir --no-warn-script-location \
            --disable-pip-version-check --root-user-action=ignore --root $PWD/pips --prefix %{_prefix} odd_one==1.0 big==1.0
        for each in ours pips; do
            (cd $each
            bin=$(dirname $(find . -name odd-script))
            test "$(find . -name odd.h)" != ""
            for program in odd odd-gui odd-app; do
                head -n 1 $bin/$program
                PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(dirname $(find . -type d -name odd -path '*python3*')) $bin/$program
                echo same > $bin/$program
            done
            find . -name INSTALLER -exec sh -c 'echo same > {}' \;
            find . -name RECORD -exec sed -i -E '/INSTALLER,|bin\/odd(-gui|-app)?,/s/,.*//' {} \; -exec cat {} \;
            find . -printf '%%m %%y %%P\n' | sort > ../$each.files) > $each.said
        done
        wc -l ours.files ours.said
        diff pips.files ours.files
        diff pips.said ours.said
        diff -r pips ours
        mkdir %{buildroot}

        %files
        """;

    [TestMethod]
    [Timeout(300_000, CooperativeCancellation = true)]
    public async Task Wheels_become_the_same_files_as_with_pip()
    {
        using var project = await BuildProject.OfSpecAsync($"{Prep}\n{Install}\n", $"BuildRequires:  python3-devel\nBuildRequires:  python3-pip\n{Fallback}");

        var outcome = await project.RunAsync(test.CancellationToken, "rpm", "probe", "--json");

        var said = string.Concat(Directory.EnumerateFiles(project[".release/logs/probe-local-x86_64"], "*-build.log").Select(File.ReadAllText));
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error + said);
        Assert.Contains(" 46 ours.files\n", said, StringComparison.Ordinal);
    }
}
