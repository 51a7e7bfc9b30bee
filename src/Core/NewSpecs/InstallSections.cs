namespace DotnetRelease.NewSpecs;

/// <summary>The sections of a new spec that handle files, and the lines that name them.</summary>
internal static class InstallSections
{
    /// <summary>Makes <c>%wheel_install</c> of pip where a build does not bring it; docs/wheels.md has the same line.</summary>
    public const string Fallback = "%{!?wheel_install:%global wheel_install python3 -m pip install --no-index --no-deps --ignore-installed --no-compile --no-cache-dir "
        + "--no-warn-script-location --disable-pip-version-check --root %%{buildroot} --prefix %%{_prefix}}";

    private const string InfoEnd = ".dist-info";

    public static IEnumerable<string> Sources(NewSpecRequest request, SpecContent content) =>
        PerMachine(request, (number, wheel) => $"{$"Source{number}:",-16}{content.WithVersion(wheel.File.File)}");

    public static IEnumerable<string> Prep(NewSpecRequest request) =>
    [
        "%prep",
        "# The build trusts nothing that it was handed: these are the digests that the lock names.",
        "sha256sum --check --strict - <<'END'",
        .. PerMachine(request, (number, wheel) => $"{wheel.Digest.Hex}  %{{SOURCE{number}}}"),
        "END",
        "%setup -q -c -T",
    ];

    public static IEnumerable<string> Install(SpecContent content)
    {
        var sources = string.Join(' ', content.Request.Wheels.Select((_, number) => $"%{{SOURCE{number}}}"));
        yield return "%install";
        yield return $"%wheel_install {sources}";
        yield return "";
        yield return "# From here on the files belong to rpm: pip must not offer to uninstall them, and where the wheels lay is of no interest.";
        yield return $"for info in {string.Join(' ', content.Sites.Select(site => $"%{{buildroot}}{site.Site}/*.dist-info"))}; do";
        yield return "    rm -f \"$info/RECORD\" \"$info/REQUESTED\" \"$info/direct_url.json\"";
        yield return "    echo rpm > \"$info/INSTALLER\"";
        yield return "done";
        if (!content.SharedObjects.IsEmpty)
        {
            yield return "";
            yield return "# rpm finds what a library needs only where it may be executed, and pip leaves that to the wheel.";
            yield return $"find {string.Join(' ', content.Sites.Select(site => "%{buildroot}" + site.Site))} -type f '(' -name '*.so' -o -name '*.so.[0-9]*' ')' -exec chmod 755 {{}} +";
        }

        foreach (var line in content.Folders is { } folders ? Trim(folders) : [])
        {
            yield return line;
        }
    }

    public static IEnumerable<string> Check(SpecContent content)
    {
        if (content.Modules.IsEmpty)
        {
            yield break;
        }

        yield return "%check";
        yield return "# Without bytecode, or what the test leaves behind would be packaged and differ with every build.";
        yield return $"export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={string.Join(':', content.Sites.Select(site => "%{buildroot}" + site.Site))}";
        yield return "%{python3} - <<'END'";
        foreach (var module in content.Modules)
        {
            yield return "import " + module;
        }

        yield return "END";
    }

    public static IEnumerable<string> Files(NewSpecRequest request, SpecContent content) =>
    [
        "%files",
        .. request.Wheels.SelectMany(wheel => wheel.Tree.Programs).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => $"%{{_bindir}}/{SpecText.Path(name)}"),
        .. DataFiles.Lines(request.Wheels.SelectMany(wheel => wheel.Tree.Data)),
        .. content.Sites.SelectMany(site => new SiteTree(site.Site, site.Files).Owned()),
        .. request.Wheels.SelectMany(wheel => Info(wheel, content)),
    ];

    /// <summary>
    /// Removes the folders with a minus, and tells what is gone or new. Neither ends a build: a bump that moves a folder should show what it did.
    /// </summary>
    private static IEnumerable<string> Trim(FolderList folders) =>
    [
        "",
        "# Folders and files of the wheels: \"-\" is removed if it is there, \"+\" stays. What is gone or new upstream is told in",
        "# the log of the build and does not end it.",
        "cat > folders <<'END'",
        .. folders.Lines,
        "END",
        "folders=$PWD/folders",
        $"cd %{{buildroot}}{SpecContent.SiteArch}",
        "sed -n 's/^[-+] //p' \"$folders\" | while read -r path; do",
        "    [ -e \"$path\" ] || echo \"warning: gone upstream: $path\"",
        "done",
        "sed -n 's/^- //p' \"$folders\" | while read -r path; do",
        "    rm -rf \"$path\"",
        "done",
        $"find {string.Join(' ', folders.Tops)} -mindepth 1 -maxdepth {folders.Depth} -type d | sort | while read -r path; do",
        "    grep -qxF \"+ $path\" \"$folders\" || echo \"warning: new upstream: $path\"",
        "done",
    ];

    // The licence is marked where it is called one; any other name of a file cannot be told from the rest.
    private static IEnumerable<string> Info(SpecWheel wheel, SpecContent content)
    {
        var stem = wheel.Tree.Info[..^InfoEnd.Length];

        // A version that is not the RPM's moves without it.
        var name = content.WithVersion(stem) is var versioned && versioned != stem ? versioned : SpecText.Path(stem.Split('-')[0]) + "-*";
        var path = $"{wheel.Site}/{name}{InfoEnd}";
        var hasLicense = wheel.Tree.Library.Any(file => file.StartsWith(wheel.Tree.Info + "/lic", StringComparison.OrdinalIgnoreCase));
        return hasLicense ? [$"%dir {path}/", $"%license {path}/[Ll][Ii][Cc]*", $"{path}/[!Ll]*"] : [path + "/"];
    }

    /// <summary>A line for each wheel; those of one machine only under a condition.</summary>
    private static IEnumerable<string> PerMachine(NewSpecRequest request, Func<int, SpecWheel, string> line)
    {
        bool IsCommon(int number) => request.Machines.All(machine => machine.Wheels[number].File.File == request.Wheels[number].File.File);
        var numbers = Enumerable.Range(0, request.Wheels.Length).ToList();
        var common = numbers.Where(IsCommon).Select(number => line(number, request.Wheels[number]));
        var own = numbers.Where(number => !IsCommon(number)).ToList();
        return own is [] ? common : common.Concat(request.Machines.SelectMany(machine =>
            (string[])[$"%ifarch {machine.Arch}", .. own.Select(number => line(number, machine.Wheels[number])), "%endif"]));
    }
}
