using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>The program behind <c>%wheel_install</c>, in the Python of this machine. What it shares with pip is tested in a distro.</summary>
[TestClass]
public sealed class WheelInstallerTests(TestContext test)
{
    private const string Name = "greeter-1.0-py3-none-any.whl";
    private const string Info = "greeter-1.0.dist-info";

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_wheel_of_one_machine_goes_where_such_files_are_and_a_large_one_is_unpacked_whole()
    {
        using var scratch = new Scratch();
        var large = string.Concat(Enumerable.Repeat("0123456789abcdef", 1024 * 1024));
        var wheel = new WheelBytes()
            .Add("greeter/__init__.py", "")
            .Add("greeter/large.bin", large)
            .Add("greeter/run", "#!/bin/sh\n", new() { Mode = 0x81ED })
            .Add($"{Info}/METADATA", "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
            .Add($"{Info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n");

        var outcome = await InstallAsync(scratch, wheel, Name);

        Assert.AreEqual("0 ", $"{outcome.ExitCode} {outcome.Error}");
        var library = Path.GetDirectoryName(Directory.GetDirectories(scratch["root"], Info, SearchOption.AllDirectories).Single())!;
        Assert.AreEqual(large, await File.ReadAllTextAsync(Path.Combine(library, "greeter/large.bin"), test.CancellationToken));
        Assert.AreEqual("755 644", $"{Mode(library, "greeter/run")} {Mode(library, "greeter/__init__.py")}");
        Assert.AreEqual("rpm\n", await File.ReadAllTextAsync(Path.Combine(library, Info, "INSTALLER"), test.CancellationToken));
        Assert.Contains("\r\ngreeter/run,sha256=", await File.ReadAllTextAsync(Path.Combine(library, Info, "RECORD"), test.CancellationToken), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("../evil.py", "", 0x81A4, "has the member '../evil.py', which is no path below a folder")]
    [DataRow("/etc/evil.py", "", 0x81A4, "which is no path below a folder")]
    [DataRow("a//b.py", "", 0x81A4, "which is no path below a folder")]
    [DataRow("link", "/etc/passwd", 0xA1FF, "has the member 'link', which is no ordinary file")]
    [DataRow("greeter.py", "other", 0x81A4, "has two members for one file")]
    [DataRow("greeter-1.0.data/purelib/greeter.py", "other", 0x81A4, "has two members for one file")]
    [DataRow("greeter-1.0.data/secrets/x", "", 0x81A4, "and nobody knows where that goes")]
    [DataRow("other-1.0.data/scripts/x", "", 0x81A4, "and nobody knows where that goes")]
    [DataRow("greeter-1.0.data/scripts/../../../../x", "", 0x81A4, "which is no path below a folder")]
    [DataRow("other-1.0.dist-info/METADATA", "", 0x81A4, "has 2 folders with the name *.dist-info")]
    [DataRow($"{Info}/entry_points.txt", "[console_scripts]\n../../bin/sh = greeter:main\n", 0x81A4, "which names no program")]
    [DataRow($"{Info}/entry_points.txt", "[console_scripts]\nsh = os:system('x')\n", 0x81A4, "which names no program")]
    public async Task A_wheel_that_would_write_elsewhere_is_refused_and_named(string member, string content, int mode, string words)
    {
        using var scratch = new Scratch();

        var outcome = await InstallAsync(scratch, WheelBytes.Greeter().Add(member, content, new() { Mode = mode }), Name);

        Assert.AreEqual(1, outcome.ExitCode, outcome.Error);
        Assert.StartsWith($"wheel_install: {Name}: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        Assert.IsFalse(Path.Exists(scratch["evil.py"]) || Path.Exists(scratch["root/etc"]));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("other-1.0-py3-none-any.whl", "Wheel-Version: 1.0\n", "holds greeter-1.0.dist-info, which is not other")]
    [DataRow(Name, "Wheel-Version: 2.0\n", "is of version '2.0' of the format; known is 1")]
    [DataRow(Name, "", "is of version '' of the format; known is 1")]
    public async Task A_wheel_that_is_not_what_it_says_is_refused(string file, string format, string words)
    {
        using var scratch = new Scratch();

        var outcome = await InstallAsync(scratch, new WheelBytes().Add($"{Info}/METADATA", "Name: greeter\n").Add($"{Info}/WHEEL", format), file);

        Assert.AreEqual(1, outcome.ExitCode, outcome.Error);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_line_of_the_docs_is_pip_in_a_plain_rpm_and_the_macro_in_a_build_of_ours()
    {
        using var scratch = new Scratch();
        var lines = await File.ReadAllLinesAsync(Checkout.At("docs", "wheels.md"), test.CancellationToken);
        var fallback = lines.Single(line => line.StartsWith("    %{!?wheel_install:", StringComparison.Ordinal)).Trim();
        var spec = scratch.Write("probe.spec", $"""
            {fallback}
            Name: probe
            Version: 1.0
            Release: 1
            Summary: Tries something
            License: MIT
            %description
            Tries something.
            %install
            %wheel_install a.whl
            """);

        var plain = await ExpandAsync(spec, []);
        var ours = await ExpandAsync(spec, [.. WheelInstaller.Defines]);

        Assert.MatchesRegex(@"\npython3 -m pip install --no-index .* --root /\S*BUILDROOT\S* --prefix /usr a\.whl$", plain);
        Assert.MatchesRegex(@"\n/usr/bin/python3 -I -S -B /build/SPECS/wheel_install\.py --root /\S*BUILDROOT\S* --prefix /usr a\.whl$", ours);
        Assert.DoesNotContain("pip", ours, StringComparison.Ordinal);
    }

    private async Task<string> ExpandAsync(string spec, string[] defines) =>
        (await Exec.ReadAsync(new Command("rpmspec", ["-P", .. defines, spec]), test.CancellationToken)).Output;

    private static string Mode(string folder, string name) => Convert.ToString((int)File.GetUnixFileMode(Path.Combine(folder, name)), 8);

    private async Task<Outcome> InstallAsync(Scratch scratch, WheelBytes wheel, string file)
    {
        WheelInstaller.WriteTo(scratch.Root);
        await File.WriteAllBytesAsync(scratch[file], wheel.Build(), test.CancellationToken);
        return await Exec.RunAsync(new Command("python3", "-I", "-S", "-B", scratch["wheel_install.py"], "--root", scratch["root"], "--prefix", "/usr", scratch[file]), test.CancellationToken);
    }
}
