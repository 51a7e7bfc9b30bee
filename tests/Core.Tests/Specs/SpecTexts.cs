using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.Specs;

/// <summary>Specs and locked packages that the tests of this folder share.</summary>
internal static class SpecTexts
{
    public const string SpecPath = "rpm-specs/x/x.spec";

    /// <summary>Shaped like the PySide6 RPM of 2024: four wheels, their digests in %prep, an own changelog.</summary>
    public const string PySide6 = """
        # PySide6 from the official wheels, with its private Qt.
        %global debug_package %{nil}
        %global __requires_exclude ^lib(Qt6|pyside6|shiboken6|icu).*$

        Name:           python3-pyside6
        Version:        6.7.1
        Release:        3%{?dist}
        Summary:        Python bindings for Qt 6
        License:        LGPL-3.0-only
        URL:            https://www.qt.io
        Source0:        https://download.qt.io/official_releases/QtForPython/pyside6/PySide6-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl
        Source1:        https://download.qt.io/official_releases/QtForPython/pyside6/PySide6_Addons-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl
        Source2:        https://download.qt.io/official_releases/QtForPython/pyside6/PySide6_Essentials-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl
        Source3:        https://download.qt.io/official_releases/QtForPython/shiboken6/shiboken6-%{version}-cp39-abi3-manylinux_2_28_x86_64.whl

        BuildRequires:  python3-devel

        %description
        Version: this line is no tag.

        %prep
        echo "45a539286e3a8afafd3ebc6b3391d587ce86293564ecba3a994e335dc68fe599 %{SOURCE0}" | sha256sum -c
        echo "e9fbfc31e0de5075ee98d92cdbd7ccd274e4ac25100c890ae5bddfc8804a304c %{SOURCE1}" | sha256sum -c
        echo "b2d70dc4376c1b1ff5b2988a428a0ed5a889173ce9a0b56803468063d0ef7c75 %{SOURCE2}" | sha256sum -c
        echo "6322b7a6232fc93eac0b11489007734438ae1e6213429fd6d7521d04072c2f87 %{SOURCE3}" | sha256sum -c

        %install
        pip install --no-index --root %{buildroot} %{SOURCE0} %{SOURCE1} %{SOURCE2} %{SOURCE3}

        %files
        %{python3_sitearch}/PySide6

        %changelog
        * Mon May 27 2024 Maintainer <maintainer@example.org> - 6.7.1-3
        - Rebuild

        * Tue Apr 16 2024 Maintainer <maintainer@example.org> - 6.6.3.1-1
        - Was 45a539286e3a8afafd3ebc6b3391d587ce86293564ecba3a994e335dc68fe599 once

        """;

    public static SpecAuthor Author { get; } = new("Alice Example", "alice@example.org", new DateOnly(2024, 6, 20));

    public static ImmutableArray<FollowedPackage> PySide6Bump { get; } =
    [
        Bump("pyside6", "6.7.1", "6.7.2",
            ("PySide6-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl", "45a539286e3a8afafd3ebc6b3391d587ce86293564ecba3a994e335dc68fe599"),
            ("PySide6-6.7.2-cp39-abi3-manylinux_2_28_x86_64.whl", Hex("pyside6"))),
        Bump("pyside6-addons", "6.7.1", "6.7.2",
            ("PySide6_Addons-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl", "e9fbfc31e0de5075ee98d92cdbd7ccd274e4ac25100c890ae5bddfc8804a304c"),
            ("PySide6_Addons-6.7.2-cp39-abi3-manylinux_2_28_x86_64.whl", Hex("addons"))),
        Bump("pyside6-essentials", "6.7.1", "6.7.2",
            ("PySide6_Essentials-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl", "b2d70dc4376c1b1ff5b2988a428a0ed5a889173ce9a0b56803468063d0ef7c75"),
            ("PySide6_Essentials-6.7.2-cp39-abi3-manylinux_2_28_x86_64.whl", Hex("essentials"))),
        Bump("shiboken6", "6.7.1", "6.7.2",
            ("shiboken6-6.7.1-cp39-abi3-manylinux_2_28_x86_64.whl", "6322b7a6232fc93eac0b11489007734438ae1e6213429fd6d7521d04072c2f87"),
            ("shiboken6-6.7.2-cp39-abi3-manylinux_2_28_x86_64.whl", Hex("shiboken6"))),
    ];

    /// <summary>The smallest spec that is one, with given tag values.</summary>
    public static string Small(string version = "1.0", string release = "1%{?dist}", string extra = "", string changelog = "") =>
        $"Name: greeter\nVersion: {version}\nRelease: {release}\nSummary: s\nLicense: MIT\n{extra}\n%description\nd\n\n%files\n{changelog}";

    /// <summary>The digest of a word, as hex.</summary>
    public static string Hex(string word) => Digest.Of(word).Hex;

    public static LockedPackage Package(string name, string version, params (string File, string Hex)[] files) =>
        new(name, name, version, [.. files.Select(file => new LockedFile(file.File, Parse(file.Hex), new("poetry.lock", 7)))], new("poetry.lock", 5));

    public static LockedPackage Wheels(string name, string version, params string[] files) =>
        Package(name, version, [.. files.Select(file => (file, Hex(file)))]);

    public static FollowedPackage Bump(string name, string from, string to, (string File, string Hex) old, (string File, string Hex) now) =>
        new([Package(name, from, old)], Package(name, to, now));

    public static SpecUpdate Update(string spec, string version, params FollowedPackage[] packages) =>
        SpecUpdate.Make(new SpecUpdateRequest(SpecFile.Parse(spec, SpecPath), version, [.. packages]) { Author = Author });

    public static string Text(this SpecFile spec) => System.Text.Encoding.UTF8.GetString(spec.ToBytes());

    private static Digest Parse(string hex) => Digest.TryParse(hex, out var digest) ? digest : throw new ArgumentException(hex, nameof(hex));
}
