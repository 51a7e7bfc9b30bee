using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Fixtures;

/// <summary>
/// Four small wheels of PySide6's shape: one folder that three of them fill, private libraries that need each other and one of the distribution, plugins,
/// and things that only developers want.
/// </summary>
/// <param name="Version">Of all four.</param>
public sealed record QtWheels(string Version)
{
    /// <summary>The packages, the one that gives the version first.</summary>
    public static readonly string[] Packages = ["pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6"];

    /// <summary>The files by their names.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        [Name("pyside6")] = New("PySide6", ["PySide6_Essentials", "PySide6_Addons", "shiboken6"])
            .Add("PySide6/QtAsyncio/__init__.py", "")
            .Add($"PySide6-{Version}.dist-info/entry_points.txt", "[console_scripts]\npyside6-uic = PySide6.scripts.pyside_tool:uic\n")
            .Add("PySide6/scripts/pyside_tool.py", "def uic():\n    print('uic')\n").Build(),
        [Name("pyside6-addons")] = New("PySide6_Addons", ["PySide6_Essentials", "shiboken6"])
            .Add("PySide6/QtCharts.abi3.so", LibraryBytes.Of("QtCharts.abi3.so", "libQt6Charts.so.6", "libpyside6.abi3.so.6.7"))
            .Add("PySide6/Qt/lib/libQt6Charts.so.6", LibraryBytes.Of("libQt6Charts.so.6", "libQt6Core.so.6", "libc.so.6"))
            .Add("PySide6/Qt/qml/QtCharts/qmldir", "module QtCharts\n").Build(),
        [Name("pyside6-essentials")] = Essentials().Build(),
        [Name("shiboken6")] = New("shiboken6", [])
            .Add("shiboken6/__init__.py", $"__version__ = '{Version}'\n")
            .Add("shiboken6/libshiboken6.abi3.so.6.7", LibraryBytes.Of("libshiboken6.abi3.so.6.7", "libc.so.6")).Build(),
    };

    /// <summary>The file of a package.</summary>
    public string Name(string package) => $"{package switch { "pyside6" => "PySide6", "pyside6-addons" => "PySide6_Addons", "pyside6-essentials" => "PySide6_Essentials", _ => package }}-{Version}-cp39-abi3-manylinux_2_28_x86_64.whl";

    /// <summary>A poetry.lock of them.</summary>
    public string Lock()
    {
        var files = Files;
        return string.Concat(Packages.Select(package => $"""
            [[package]]
            name = "{package}"
            version = "{Version}"
            description = ""
            optional = false
            python-versions = ">=3.9"
            files = [
                {"{"}file = "{Name(package)}", hash = "sha256:{Convert.ToHexStringLower(SHA256.HashData(files[Name(package)]))}"{"}"},
            ]


            """)) + $"[metadata]\nlock-version = \"2.1\"\npython-versions = \"*\"\ncontent-hash = \"{new string('0', 64)}\"\n";
    }

    /// <summary>A simple index (PEP 503) of them as files by path, for a <c>file:</c> URL.</summary>
    public IEnumerable<(string Path, byte[] Bytes)> Index()
    {
        var files = Files;
        foreach (var package in Packages)
        {
            var name = Name(package);
            yield return ($"{package}/{name}", files[name]);
            yield return ($"{package}/index.html", Encoding.UTF8.GetBytes($"<!DOCTYPE html><html><body><a href=\"{name}#sha256={Convert.ToHexStringLower(SHA256.HashData(files[name]))}\">{name}</a></body></html>\n"));
        }
    }

    private WheelBytes Essentials() =>
        New("PySide6_Essentials", ["shiboken6"])
            .Add("PySide6/__init__.py", $"import shiboken6\n__version__ = '{Version}'\nassert shiboken6.__version__ == __version__\n")
            .Add("PySide6/QtCore.abi3.so", LibraryBytes.Of("QtCore.abi3.so", "libQt6Core.so.6", "libpyside6.abi3.so.6.7", "libshiboken6.abi3.so.6.7"))
            .Add("PySide6/libpyside6.abi3.so.6.7", LibraryBytes.Of("libpyside6.abi3.so.6.7", "libQt6Core.so.6", "libc.so.6"))
            .Add("PySide6/Qt/lib/libQt6Core.so.6", LibraryBytes.Of("libQt6Core.so.6", "libicudata.so.56", "libc.so.6"))
            .Add("PySide6/Qt/lib/libQt6Gui.so.6", LibraryBytes.Of("libQt6Gui.so.6", "libQt6Core.so.6"))
            .Add("PySide6/Qt/lib/libicudata.so.56", LibraryBytes.Of("libicudata.so.56"))
            .Add("PySide6/Qt/plugins/platforms/libqxcb.so", LibraryBytes.Of("libqxcb.so", "libQt6Gui.so.6"))
            .Add("PySide6/include/pyside6.h", "// a header\n")
            .Add("PySide6/typesystems/core.xml", "<typesystem/>\n")
            .Add($"PySide6_Essentials-{Version}.dist-info/licenses/LICENSE", "As you like it.\n");

    private WheelBytes New(string name, string[] requires) => new($"{name}-{Version}.dist-info", $"""
        Metadata-Version: 2.1
        Name: {name}
        Version: {Version}
        Summary: Python bindings for the Qt cross-platform application and UI framework.
        License: LGPL
        Project-URL: Homepage, https://pyside.org
        Classifier: License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)
        Requires-Python: >=3.9
        {string.Concat(requires.Select(each => $"Requires-Dist: {each}=={Version}\n"))}

        # PySide6
        """, isPure: false);
}
