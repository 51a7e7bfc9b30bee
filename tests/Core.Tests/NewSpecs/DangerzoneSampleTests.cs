using System.Collections.Immutable;
using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;
using DotnetRelease.NewSpecs;
using DotnetRelease.Planning;
using DotnetRelease.Specs;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Core.Tests.NewSpecs;

/// <summary>
/// The spec of the sample is the one that is written for its locked wheels, and edits of a maintainer that are marked. What is inside the wheels stands
/// here, because four of them have 159 MB: their folders, and one file of each kind.
/// </summary>
[TestClass]
public sealed class DangerzoneSampleTests(TestContext test)
{
    private const string Sample = "samples/dangerzone", Spec = "rpm-specs/python3-pyside6/python3-pyside6.spec";
    private static readonly string[] Packages = ["pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6"];

    private static readonly string[] Plugins =
    [
        "assetimporters", "canbus", "designer", "egldeviceintegrations", "generic", "geometryloaders", "geoservices", "iconengines", "imageformats", "multimedia", "networkinformation",
        "platforminputcontexts", "platforms", "platformthemes", "position", "printsupport", "qmllint", "qmltooling", "renderers", "renderplugins", "sceneparsers", "scxmldatamodel", "sensors",
        "sqldrivers", "texttospeech", "tls", "wayland-decoration-client", "wayland-graphics-integration-client", "wayland-graphics-integration-server", "wayland-shell-integration", "xcbglintegrations",
    ];

    /// <summary>What no application of the project loads.</summary>
    private static readonly string[] Removed =
    [
        .. ((string[])["glue", "scripts", "support", "Qt/libexec", "Qt/metatypes", "Qt/qml", "Qt/translations"]),
        .. ((string[])["assetimporters", "canbus", "geometryloaders", "geoservices", "multimedia", "position", "qmltooling", "renderers", "renderplugins", "sceneparsers", "scxmldatamodel", "sensors", "texttospeech"]).Select(each => "Qt/plugins/" + each),
        .. Plugins.Where(each => each.StartsWith("wayland-", StringComparison.Ordinal)).Select(each => "Qt/plugins/" + each),
    ];

    [TestMethod]
    public void The_spec_is_what_is_written_for_the_wheels_and_marked_edits()
    {
        var text = NewSpec.Write(new("python3-pyside6", [new("x86_64", [.. Wheels()])], new("Dangerzone Packagers", "packagers@example.org", new(2024, 5, 27)))).Text;

        Assert.AreEqual(Edited(text), File.ReadAllText(Checkout.At(Sample, Spec)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Rpm_and_rpmlint_find_nothing_in_it()
    {
        using var project = new NewSpecProject();
        File.Copy(Checkout.At(Sample, Spec), project["python3-pyside6.spec"]);

        var expanded = await project.ExpandAsync("python3-pyside6.spec", test.CancellationToken);

        Assert.AreEqual("0 ", $"{expanded.ExitCode} {expanded.Error}");
        Assert.AreEqual("", await project.LintAsync("python3-pyside6.spec", test.CancellationToken));
    }

    [TestMethod]
    public void It_is_in_line_with_its_lock_and_follows_the_next_one()
    {
        var (now, next) = (Update("poetry.lock", "poetry.lock"), Update("poetry.lock", "poetry.lock.next"));

        Assert.IsEmpty(now.Changes);
        CollectionAssert.AreEqual((string[])["Version", "digest", "digest", "digest", "digest", "%changelog"], next.Changes.Select(change => change.What).ToArray());
    }

    private static SpecUpdate Update(string before, string after)
    {
        var settings = Settings.Parse(File.ReadAllBytes(Checkout.At(Sample, Settings.FileName)), Settings.FileName);
        var folder = new SpecFolder(SpecFile.Parse(File.ReadAllBytes(Checkout.At(Sample, Spec)), Spec), null, ImmutableDictionary<string, Digest>.Empty);
        var request = SpecFollowing.RequestOf(settings.Rpms.Single(), folder, new PlanInputs(settings, [new(Lock(before), Lock(after))], PlanRequest.Everything))!;
        return SpecUpdate.Make(request with { Author = Specs.SpecTexts.Author });
    }

    private static Lockfile Lock(string name) => LockfileReader.Read(File.ReadAllBytes(Checkout.At(Sample, name)), name);

    private static string Edited(string text)
    {
        foreach (var folder in Removed)
        {
            text = Replace(text, $"\n+ PySide6/{folder}\n", $"\n- PySide6/{folder}\n");
        }

        text = string.Concat(text.Split('\n').Where(line => Removed.All(folder => !line.StartsWith($"+ PySide6/{folder}/", StringComparison.Ordinal))).Select(line => line + "\n"))[..^1];
        text = Replace(text, "\nEND\nfolders=", """

            # Edited: the signs above, and development tools.
            - PySide6/assistant
            - PySide6/designer
            - PySide6/linguist
            - PySide6/lrelease
            - PySide6/lupdate
            - PySide6/qmlformat
            - PySide6/qmllint
            - PySide6/qmlls
            - PySide6/Qt/plugins/sqldrivers/libqsqlmimer.so
            END
            folders=
            """);
        text = Replace(text, "\n# The installer of", """

            # Edited: bindings that were built against a distribution's Qt use its private interfaces and break with each of its updates. So the
            # Qt in here is the one of the wheels, and nobody else's.

            # The installer of
            """);
        text = Replace(text, "\nLicense:        LicenseRef-Unknown\n", """

            # Edited: of the bindings and of Qt itself; the third-party code inside Qt has licences of its own.
            License:        LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-or-later

            """);
        text = Replace(text, "\n%files\n%{_bindir}/pyside6-designer\n%{_bindir}/pyside6-uic\n", "\n%files\n");
        text = Replace(text, "\n\n\n%check\n", """


            # Edited: the programs start the development tools.
            rm -rf %{buildroot}%{_bindir}
            rm -f %{buildroot}%{python3_sitearch}/PySide6-%{version}.dist-info/entry_points.txt


            %check

            """);
        return Replace(text, "\n- First package, from pyside6 6.7.1, pyside6-addons 6.7.1, pyside6-essentials\n  6.7.1, shiboken6 6.7.1\n", "\n- Update to 6.7.1\n");
    }

    private static string Replace(string text, string old, string now)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, now, StringComparison.Ordinal);
    }

    private static IEnumerable<SpecWheel> Wheels()
    {
        var locked = Lock("poetry.lock");
        string[] tools = ["assistant", "designer", "linguist", "lrelease", "lupdate", "qmlformat", "qmllint", "qmlls"];
        Dictionary<string, string[]> trees = new(StringComparer.Ordinal)
        {
            ["pyside6"] = ["PySide6/QtAsyncio/__init__.py", "PySide6/scripts/deploy_lib/__init__.py", "PySide6/scripts/pyside_tool.py", "PySide6/support/__init__.py"],
            ["pyside6-addons"] = ["PySide6/QtCharts.abi3.so", "PySide6/Qt/lib/libQt6Charts.so.6", "PySide6/Qt/metatypes/qt6charts.json", "PySide6/glue/qtcharts.cpp", "PySide6/typesystems/charts.xml"],
            ["pyside6-essentials"] =
            [
                "PySide6/__init__.py", "PySide6/QtCore.abi3.so", "PySide6/libpyside6.abi3.so.6.7", "PySide6/libpyside6qml.abi3.so.6.7", "PySide6/Qt/lib/libQt6Core.so.6", "PySide6/Qt/lib/libQt6Gui.so.6",
                "PySide6/Qt/lib/libicudata.so.56", "PySide6/Qt/lib/libicui18n.so.56", "PySide6/Qt/lib/libicuuc.so.56", "PySide6/Qt/libexec/rcc", "PySide6/Qt/qml/QtQuick/qmldir",
                "PySide6/Qt/translations/qtbase_de.qm", "PySide6/include/QtCore/pyside6_qtcore_python.h", .. Plugins.Select(plugin => $"PySide6/Qt/plugins/{plugin}/libplugin.so"), .. tools.Select(tool => $"PySide6/{tool}"),
            ],
            ["shiboken6"] = ["shiboken6/__init__.py", "shiboken6/Shiboken.abi3.so", "shiboken6/libshiboken6.abi3.so.6.7"],
        };
        foreach (var package in Packages.Select(name => locked.Packages.Single(each => each.Key == name)))
        {
            var file = WheelChoice.Choose(package, new WheelTarget("x86_64"));
            var name = WheelName.Parse(file.Name);
            var metadata = new WheelMetadata(name.Distribution, package.Version)
            {
                Summary = "Python bindings for the Qt cross-platform application and UI framework",
                License = "LGPL",
                HomePage = "https://pyside.org",
                RequiresPython = "<3.13,>=3.9",
                RequiresDist = package.Name is "shiboken6" ? [] : [$"shiboken6=={package.Version}"],
            };
            var tree = new WheelTree(IsPure: false, $"{name.Distribution}-{package.Version}.dist-info")
            {
                Library = [.. trees[package.Name].Order(StringComparer.Ordinal)],
                Programs = package.Name is "pyside6" ? ["pyside6-designer", "pyside6-uic"] : [],
            };
            yield return new SpecWheel(name, file.Digest.Sha256!.Value, metadata, tree);
        }
    }
}
