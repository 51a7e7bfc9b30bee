using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class SettingsTests
{
    private const string Whole = """
        [project]
        name = "dangerzone"
        github = "freedomofpress/dangerzone"
        lockfiles = ["poetry.lock"]

        [[rpm]]
        name = "python3-pyside6"
        spec = "rpm-specs/python3-pyside6/python3-pyside6.spec"
        follows = ["PySide6", "pyside6_addons", "shiboken6"]
        version-of = "pyside6"
        version-select = "highest"
        targets = ["fedora-43", "local"]

        [target.fedora-43]
        image = "registry.fedoraproject.org/fedora:43"
        arch = ["x86_64", "aarch64"]
        eol = 2026-12-02
        dist = ".fc43"

        [target.local]
        image = "rootfs:build/distro.tar"
        prepare = ["dnf -y builddep {spec}"]

        [sources]
        index = "file:./index"
        allow-hosts = ["Files.Example.org"]

        [sources.mirrors]
        "https://files.example.org/" = ["https://near.example.org/files", "http://localhost:8080/"]

        [signing]
        key = "de28ab241fa48260fac9b8baa7c9b38522604281!"

        [repository.qa]
        url = "file:///srv/repo-qa"
        layout = "{project}/{target}"
        base-url = "https://packages-qa.example.org/"

        [repository.prod]
        url = "s3://packages/yum?endpoint=x"
        promote-from = "qa"

        [github]
        draft = false
        assets = ["dist/rpm/**/*.rpm", "dist/checksums.txt*"]
        """;

    [TestMethod]
    public void Every_setting_is_read()
    {
        var settings = Settings.Parse(Whole, "release.toml");

        Assert.AreEqual("dangerzone", settings.Project.Name);
        Assert.AreEqual("freedomofpress/dangerzone", settings.Project.GitHub);
        CollectionAssert.AreEqual((string[])["poetry.lock"], settings.Project.Lockfiles);
        var rpm = settings.Rpms.Single();
        CollectionAssert.AreEqual((string[])["pyside6", "pyside6-addons", "shiboken6"], rpm.Follows);
        CollectionAssert.AreEqual((string[])["fedora-43", "local"], rpm.Targets);
        Assert.AreEqual("rpm-specs/python3-pyside6/python3-pyside6.spec", rpm.Spec);
        Assert.AreEqual("pyside6", rpm.VersionOf);
        Assert.AreEqual(VersionSelect.Highest, rpm.VersionSelect);
        Assert.AreEqual(new DateOnly(2026, 12, 2), settings.Targets[0].Eol);
        Assert.AreEqual(".fc43", settings.Targets[0].Dist);
        CollectionAssert.AreEqual((string[])["x86_64", "aarch64"], settings.Targets[0].Archs);
        CollectionAssert.AreEqual((string[])["x86_64"], settings.Targets[1].Archs);
        CollectionAssert.AreEqual((string[])["dnf -y builddep {spec}"], settings.Targets[1].Prepare);
        Assert.AreEqual("file:./index", settings.Sources.Index.Text);
        CollectionAssert.AreEqual((string[])["files.example.org"], settings.Sources.AllowHosts);
        Assert.AreEqual("https://files.example.org/", settings.Sources.Mirrors.Single().Key);
        CollectionAssert.AreEqual((string[])["https://near.example.org/files", "http://localhost:8080/"], settings.Sources.Mirrors.Single().Value);
        Assert.AreEqual("DE28AB241FA48260FAC9B8BAA7C9B38522604281!", settings.Signing!.Key);
        Assert.AreEqual("https://packages-qa.example.org/", settings.Repositories[0].BaseUrl);
        Assert.AreEqual("{project}/{target}", settings.Repositories[1].Layout);
        Assert.AreEqual("qa", settings.Repositories[1].PromoteFrom);
        Assert.IsFalse(settings.GitHub.Draft);
        Assert.HasCount(2, settings.GitHub.Assets);
    }

    [TestMethod]
    public void What_is_left_out_has_a_sensible_value()
    {
        var settings = Settings.Parse(
            """
            [project]
            name = "x"
            lockfiles = ["uv.lock"]
            [[rpm]]
            name = "greeter"
            follows = ["greeter"]
            [target.a]
            image = "oci:image"
            [target.b]
            image = "oci:image"
            """,
            "release.toml");

        Assert.AreEqual("rpm-specs/greeter/greeter.spec", settings.Rpms[0].Spec);
        Assert.AreEqual("greeter", settings.Rpms[0].VersionOf);
        Assert.IsNull(settings.Rpms[0].VersionSelect);
        CollectionAssert.AreEqual((string[])["a", "b"], settings.Rpms[0].Targets);
        Assert.AreEqual("https", settings.Sources.Index.Scheme);
        Assert.IsNull(settings.Signing);
        Assert.IsTrue(settings.GitHub.Draft);
        Assert.IsEmpty(settings.Repositories);
    }

    [TestMethod]
    [DataRow("[project]\nnmae = 'x'", 2, 1, "'project.nmae' is no setting. Did you mean 'name'?")]
    [DataRow("[projet]\nname = 'x'", 1, 2, "'projet' is no setting. Did you mean 'project'?")]
    [DataRow("[project]\nname='x'\n[target.a]\nimage='i'\nzzzzzz=1", 5, 1, "'target.a.zzzzzz' is no setting. Known here: image, arch, eol, dist, glibc, python, prepare, engine-host.")]
    [DataRow("[project]\nname='x'\n[[rpm]]\nname='r'\nfollow=[]", 5, 1, "'rpm[0].follow' is no setting. Did you mean 'follows'?")]
    [DataRow("[project]\nname='x'\n[signing]\nkeys='r'", 4, 1, "'signing.keys' is no setting. Did you mean 'key'?")]
    public void An_unknown_key_is_an_error_with_a_suggestion(string text, int line, int column, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse(text, "release.toml"));

        Assert.AreEqual(Fault.SettingsUnknownKey, ex.Fault);
        Assert.AreEqual(new SourcePosition("release.toml", line, column), ex.Position);
        Assert.AreEqual(message, $"{ex.Message} {ex.Remedy}");
    }

    [TestMethod]
    [DataRow("", 1, "has no key 'project'")]
    [DataRow("[project]", 1, "has no key 'name'")]
    [DataRow("[project]\nname = 5", 2, "must be a string, found an integer")]
    [DataRow("[project]\nname = '../x'", 2, "must be a name of letters")]
    [DataRow("[project]\nname = ''", 2, "must be a name of letters")]
    [DataRow("[project]\nname = 'a/b'", 2, "must be a name of letters")]
    [DataRow("[project]\nname = '.hidden'", 2, "must be a name of letters")]
    [DataRow("[project]\nname = \"x\\n\"", 2, "must be a name of letters")]
    [DataRow("[project]\nname = 'x'\ngithub = 'https://github.com/a/b'", 3, "must be owner/name")]
    [DataRow("[project]\nname = 'x'\nlockfiles = ['/etc/poetry.lock']", 3, "must be a path below")]
    [DataRow("[project]\nname = 'x'\nlockfiles = ['a/../../poetry.lock']", 3, "must be a path below")]
    [DataRow("[project]\nname = 'x'\nlockfiles = ['a', './a']", 3, "names 'a' a second time")]
    [DataRow("[project]\nname = 'x'\ntag-pattern = 'v'", 3, "must have '{version}'")]
    [DataRow("[project]\nname = 'x'\ntag-pattern = 'v{versoin}'", 3, "unknown placeholder '{versoin}'")]
    public void The_project_is_checked(string text, int line, string message) => AssertInvalid(text, line, message);

    [TestMethod]
    [DataRow("name = 'r'\ntargets = ['fedora-44']", 6, "names 'fedora-44', which is no target; there are: fedora-43. Did you mean 'fedora-43'?")]
    [DataRow("name = 'r'\ntargets = []", 6, "names no target")]
    [DataRow("name = 'r'\ntargets = ['fedora-43', 'fedora-43']", 6, "a second time")]
    [DataRow("name = 'r'\nfollows = ['a', 'A']", 6, "names 'a' a second time")]
    [DataRow("name = 'r'\nfollows = ['a', 'b']", 4, "'version-of' has to say")]
    [DataRow("name = 'r'\nfollows = ['pyside6']\nversion-of = 'pyside'", 7, "which is no followed package; there are: pyside6. Did you mean 'pyside6'?")]
    [DataRow("name = 'r'\nversion-of = 'pyside'", 6, "there is no followed package")]
    [DataRow("name = 'r'\nversion-select = 'newest'", 6, "must be 'highest' or 'lowest'")]
    [DataRow("name = 'r'\nspec = '../x.spec'", 6, "must be a path below")]
    [DataRow("spec = 'x.spec'", 4, "has no key 'name'")]
    [DataRow("name = 'r'\n[[rpm]]\nname = 'r'", 7, "a second time; the first is at release.toml(4")]
    public void An_rpm_is_checked(string rpm, int line, string message) =>
        AssertInvalid($"[project]\nname = 'x'\nlockfiles = ['l']\n[[rpm]]\n{rpm}\n[target.fedora-43]\nimage = 'i'", line, message);

    [TestMethod]
    public void Following_needs_a_lockfile() => AssertInvalid("[project]\nname = 'x'\n[[rpm]]\nname = 'r'\nfollows = ['a']", 5, "names no lockfile");

    [TestMethod]
    [DataRow("[target.'a b']\nimage = 'i'", 3, "The name of a target must be a name")]
    [DataRow("[target.a]\ndist = '.fc1'", 3, "has no key 'image'")]
    [DataRow("[target.a]\nimage = ''", 4, "must not be empty")]
    [DataRow("[target.a]\nimage = 'a b'", 4, "without spaces")]
    [DataRow("[target.a]\nimage = 'i'\narch = ['amd64']", 5, "Did you mean 'x86_64'?")]
    [DataRow("[target.a]\nimage = 'i'\narch = []", 5, "names no machine")]
    [DataRow("[target.a]\nimage = 'i'\narch = 'x86_64'", 5, "must be an array, found a string")]
    [DataRow("[target.a]\nimage = 'i'\neol = '2026-12-02'", 5, "must be a date such as 2026-12-31, found a string")]
    [DataRow("[target.a]\nimage = 'i'\neol = 2026-12-02T00:00:00Z", 5, "must be a date")]
    [DataRow("[target.a]\nimage = 'i'\ndist = 'fc43'", 5, "must be a dist tag such as '.fc43'")]
    [DataRow("[target.a]\nimage = 'i'\nprepare = ['']", 5, "must not be empty")]
    public void A_target_is_checked(string text, int line, string message) => AssertInvalid("[project]\nname = 'x'\n" + text, line, message);

    [TestMethod]
    public void A_source_of_git_is_read()
    {
        const string text = """
            [project]
            name = "x"
            [[rpm]]
            name = "tool"
            [[rpm.source]]
            file = "tool-{version}.tar.gz"
            git = "https://github.com/acme/tool.git"
            signed-by = ["de28ab241fa48260fac9b8baa7c9b38522604281"]
            keyring = "keys/acme.asc"
            [[rpm.source]]
            file = "data-{version}.tar"
            git = "."
            tag = "data/{version}"
            folder = "data"
            [target.a]
            image = "oci:image"
            """;

        var rules = Settings.Parse(text, "release.toml").Rpms.Single().Sources;

        Assert.AreEqual("git+https://github.com/acme/tool.git@v1.2", rules[0].Git!.UrlOf("1.2"));
        Assert.AreEqual(("keys/acme.asc", "DE28AB241FA48260FAC9B8BAA7C9B38522604281"), (rules[0].SignedBy!.Keyring, rules[0].SignedBy!.Fingerprints.Single()));
        Assert.AreEqual(new GitSource(null, "data/{version}") { Folder = "data" }, rules[1].Git);
        Assert.IsNull(rules[1].SignedBy);
    }

    [TestMethod]
    public void An_sdist_is_read_for_each_version()
    {
        const string rule = "[[rpm.source]]\nfile = 'tool-{version}.tar.gz'\ngit = '.'\nsdist = ['make VERSION={version}', 'make dist']\ntarget = 'a'\nprepare = ['dnf -y install make']\n";

        var git = Settings.Parse($"[project]\nname = 'x'\n[[rpm]]\nname = 'tool'\n{rule}[target.a]\nimage = 'oci:image'\n", "release.toml").Rpms.Single().Sources.Single().Git!;

        Assert.AreEqual("'make VERSION=1.2; make dist' on a", git.Sdist!.Of("1.2").ToString());
        Assert.AreEqual("dnf -y install make", git.Sdist.Prepare.Single());
    }

    [TestMethod]
    [DataRow("file = 'tool.tar.gz'\ngit = '.'", 6, "must have '{version}' in it once")]
    [DataRow("file = '{version}-{version}.tar'\ngit = '.'", 6, "must have '{version}' in it once")]
    [DataRow("file = '../{version}.tar'\ngit = '.'", 6, "has a path separator")]
    [DataRow("file = 'x-{version}.zip'\ngit = '.'", 6, "must end with .tar, .tar.gz, .tgz")]
    [DataRow("file = 'x-{version}.tar'\ngit = 'https://x/y'", 7, "is another repository")]
    [DataRow("file = 'x-{version}.tar'\ngit = 'https://u:p@x/y'", 7, "must not hold a password")]
    [DataRow("file = 'x-{version}.tar'\ngit = 'http://example.org/y'", 7, "must be a URL of https, ssh, file")]
    [DataRow("file = 'x-{version}.tar'\ngit = 'ext::sh -c x'", 7, "must be a URL of https, ssh, file")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\ntag = 'v1'", 8, "must have '{version}' in it")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\ncommit = 'abcdef1'", 8, "must be the whole id of a commit")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nfolder = '..'", 8, "is no file name")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsigned-by = ['A7C9B38522604281']\nkeyring = 'k'", 8, "must be a whole fingerprint")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsigned-by = ['DE28AB241FA48260FAC9B8BAA7C9B38522604281']", 8, "needs 'keyring'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nkeyring = 'k'", 8, "has no use without 'signed-by'")]
    [DataRow("file = 'x-{version}.tar'", 5, "says nothing about its file")]
    [DataRow("file = 'x-{version}.tar'\nsigned-by = ['ssh-ed25519 AAAA']", 7, "only tags of git are signed with those")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsigned-by = ['ssh-ed25519 AAAA']\nkeyring = 'k'", 9, "has no use without 'signed-by'")]
    [DataRow("file = 'x-{version}.tar'\ntag = 'v{version}'", 7, "has no use without 'git'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsignature = 'x'", 8, "has no use beside 'git'")]
    [DataRow("file = 'x-{version}.tar'\nsignature = '../x'", 7, "is no file name")]
    [DataRow("file = 'x-{version}.tar'\nsignature = 'ftp://x/y'", 7, "must be a URL of https, http")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\ntarget = 'a'", 8, "has no use without 'sdist'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nprepare = ['x']", 8, "has no use without 'sdist'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsdist = ['x']", 5, "has no key 'target'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsdist = ['x']\ntarget = 'b'", 9, "which is no target; there are: a.")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsdist = []\ntarget = 'a'", 8, "names no command")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsdist = ['']\ntarget = 'a'", 8, "must not be empty")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\nsdist = 'x'\ntarget = 'a'", 8, "must be an array")]
    [DataRow("file = 'x-{version}.tar'\nsdist = ['x']\ntarget = 'a'", 7, "has no use without 'git'")]
    [DataRow("file = 'x-{version}.tar'\ngit = '.'\n[[rpm.source]]\nfile = 'x-{version}.tar'\ngit = '.'", 9, "a second time")]
    public void A_source_of_git_is_checked(string text, int line, string message) =>
        AssertInvalid("[project]\nname = 'x'\n[[rpm]]\nname = 'tool'\n[[rpm.source]]\n" + text + "\n[target.a]\nimage = 'i'\n", line, message);

    [TestMethod]
    [DataRow("[sources]\nindex = 'ftp://x/simple'", 4, "must be a URL of https, http, file")]
    [DataRow("[sources]\nindex = 'http://example.org/simple'", 4, "must be https")]
    [DataRow("[sources]\nindex = 'https://user:secret@example.org/simple'", 4, "must not hold a password")]
    [DataRow("[sources]\nindex = 'https://'", 4, "no valid URL")]
    [DataRow("[sources]\nindex = 'file://server/share'", 4, "must be file:///ABSOLUTE")]
    [DataRow("[sources]\nindex = 'file:'", 4, "must be file:///ABSOLUTE")]
    [DataRow("[sources]\nallow-hosts = ['https://files.example.org']", 4, "must be a host name")]
    [DataRow("[sources.mirrors]\n'files.example.org' = []", 4, "which is no https URL")]
    [DataRow("[sources.mirrors]\n'http://files.example.org/' = []", 4, "which is no https URL")]
    [DataRow("[sources.mirrors]\n'https://files.example.org/?a' = []", 4, "which is no https URL")]
    [DataRow("[sources.mirrors]\n'https://files.example.org/' = ['near.example.org']", 4, "must be an https URL")]
    [DataRow("[sources.mirrors]\n'https://files.example.org/' = ['https://user@near.example.org/']", 4, "must be an https URL")]
    [DataRow("[sources.mirrors]\n'https://files.example.org/' = ['https://x/', 'https://x/']", 4, "a second time")]
    [DataRow("[signing]\nkey = 'A7C9B38522604281'", 4, "must be a whole fingerprint")]
    [DataRow("[signing]\nkey = 'DE28AB241FA48260FAC9B8BAA7C9B38522604281!!'", 4, "must be a whole fingerprint")]
    [DataRow("[signing]\nkey = 'DE28 AB24 1FA4 8260 FAC9 B8BA A7C9 B385 2260 4281'", 4, "must be a whole fingerprint")]
    [DataRow("[signing]", 3, "has no key 'key'")]
    [DataRow("[repository.qa]\nlayout = 'x'", 3, "has no key 'url'")]
    [DataRow("[repository.qa]\nurl = 'https://example.org/repo'", 4, "must be a URL of file, ssh, s3, git+https, git+ssh, git+file")]
    [DataRow("[repository.qa]\nurl = 'file:x'\nlayout = '{project}/{distro}'", 5, "unknown placeholder '{distro}'")]
    [DataRow("[repository.qa]\nurl = 'file:x'\nlayout = '../{target}'", 5, "must be a path below")]
    [DataRow("[repository.qa]\nurl = 'file:x'\npromote-from = 'prod'", 5, "which is no repository")]
    [DataRow("[repository.qa]\nurl = 'file:x'\npromote-from = 'qa'", 5, "goes round in a circle")]
    [DataRow("[repository.a]\nurl = 'file:x'\npromote-from = 'b'\n[repository.b]\nurl = 'file:x'\npromote-from = 'a'", 5, "goes round in a circle")]
    [DataRow("[github]\ndraft = 'yes'", 4, "must be true or false, found a string")]
    public void Sources_signing_and_repositories_are_checked(string text, int line, string message) =>
        AssertInvalid("[project]\nname = 'x'\n" + text, line, message);

    [TestMethod]
    public void What_is_no_TOML_is_a_syntax_error() =>
        Assert.AreEqual(Fault.TomlSyntax, Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse("[project\n", "release.toml")).Fault);

    [TestMethod]
    [DataRow("ssh://user@host/srv/repo")]
    [DataRow("s3://packages/yum?endpoint=https://x")]
    [DataRow("git+ssh://git@example.org/repo.git")]
    public void A_repository_that_cannot_be_written_yet_is_a_valid_setting(string url) =>
        Assert.AreEqual(url, Settings.Parse($"[project]\nname = 'x'\n[repository.a]\nurl = '{url}'", "release.toml").Repositories[0].Url.Text);

    [TestMethod]
    [DataRow("file:///srv/my%20repo", "/srv/my repo")]
    [DataRow("file://localhost/srv/repo", "/srv/repo")]
    [DataRow("file:/srv/repo", "/srv/repo")]
    [DataRow("file:repo", "/home/me/project/repo")]
    [DataRow("file:./a/repo", "/home/me/project/a/repo")]
    [DataRow("FILE:../repo", "/home/me/repo")]
    public void A_file_url_is_relative_to_the_settings_folder(string url, string path)
    {
        var settings = Settings.Parse($"[project]\nname = 'x'\n[repository.a]\nurl = '{url}'", "release.toml");

        Assert.AreEqual(path, settings.Repositories[0].Url.ToPath("/home/me/project"));
    }

    private static void AssertInvalid(string text, int line, string message)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Settings.Parse(text, "release.toml"));

        Assert.AreEqual(Fault.SettingsInvalid, ex.Fault, ex.Message);
        Assert.AreEqual(line, ex.Position!.Value.Line, ex.Message);
        Assert.Contains(message, ex.Message, StringComparison.Ordinal);
    }
}
