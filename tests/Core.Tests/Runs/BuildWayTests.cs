using DotnetRelease.Containers;
using DotnetRelease.Core.Tests.Planning;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Runs;
using DotnetRelease.Runs.Doctor;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>Which way a target for a machine is built; the texts of binfmt_misc are as the kernel writes them.</summary>
[TestClass]
public sealed class BuildWayTests
{
    private const string Registered = "enabled\ninterpreter /usr/bin/qemu-s390x-static\nflags: OCF\noffset 0\nmagic 7f454c46\nmask ffffffff\n";
    private static readonly Distribution Fedora = Distribution.Parse("ID=fedora\n");
    private static readonly EngineChoice Embedded = new(EngineKind.Embedded);

    // No machine that runs these tests is one.
    private const string Foreign = "s390x";

    [TestMethod]
    [DataRow(Registered, "qemu-user", "emulated by /usr/bin/qemu-s390x-static, many times slower", "")]
    [DataRow("enabled\ninterpreter /usr/bin/qemu-s390x\nflags: \noffset 0\n", "impossible", "without the flag F", "sudo dnf install qemu-user-static")]
    [DataRow("enabled\ninterpreter /usr/bin/qemu-s390x\nflags: OC\n", "impossible", "without the flag F", "engine-host")]
    [DataRow("disabled\ninterpreter /usr/bin/qemu-s390x-static\nflags: F\n", "impossible", "switched off", "echo 1 | sudo tee /proc/sys/fs/binfmt_misc/qemu-s390x")]
    [DataRow("", "impossible", "has no qemu-s390x registered", "sudo dnf install qemu-user-static")]
    public void A_foreign_machine_is_emulated_only_where_containers_find_the_emulator(string entry, string name, string text, string fix)
    {
        var way = BuildWay.Of(Foreign, Embedded, machine => machine is "s390x" ? BinfmtEntry.Parse(entry) : null, Fedora);

        Assert.AreEqual(name, way.Name);
        Assert.Contains(text, way.Text, StringComparison.Ordinal);
        Assert.Contains(fix, way.Fix, StringComparison.Ordinal);
        if (name is "impossible")
        {
            var refusal = Assert.ThrowsExactly<ReleaseException>(() => way.Refuse("fedora-43", Foreign));
            Assert.AreEqual((Fault.BuildArchForeign, way.Fix), (refusal.Fault, refusal.Remedy));
            Assert.Contains("fedora-43 is to be built for s390x", refusal.Message, StringComparison.Ordinal);
        }
        else
        {
            way.Refuse("fedora-43", Foreign);
        }
    }

    [TestMethod]
    public void An_engine_elsewhere_goes_before_the_emulator_and_is_asked_itself_what_it_is()
    {
        var way = BuildWay.Of(Foreign, new EngineChoice(EngineKind.Podman, "ssh://mainframe.example.org"), _ => BinfmtEntry.Parse(Registered), Fedora);

        Assert.AreEqual("engine-host by the engine at ssh://mainframe.example.org", $"{way.Name} {way.Text}");
    }

    [TestMethod]
    public void This_machines_own_programs_and_those_for_every_machine_need_nothing()
    {
        var own = Platform.Current.Architecture is "arm64" ? "aarch64" : "x86_64";

        Assert.AreEqual("native native", $"{BuildWay.Of(own, Embedded, _ => null, Fedora).Name} {BuildWay.Of("noarch", Embedded, _ => null, Fedora).Name}");
    }

    [TestMethod]
    public void Another_engine_of_this_machine_is_not_trusted_with_a_foreign_one()
    {
        var way = BuildWay.Of(Foreign, new EngineChoice(EngineKind.Podman), _ => BinfmtEntry.Parse(Registered), Fedora);

        Assert.AreEqual("impossible", way.Name);
        Assert.Contains("--engine embedded", way.Fix, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("qemu-aarch64", "aarch64")]
    [DataRow("qemu-x86_64", "x86_64")]
    [DataRow("qemu-i386", "i686")]
    [DataRow("qemu-ppc64le", "ppc64le")]
    [DataRow("qemu-arm", "armv7hl")]
    public void The_emulator_is_looked_for_under_its_own_name(string name, string arch)
    {
        if (Platform.OfRpm(arch) == Platform.Current)
        {
            return;
        }

        var asked = "";
        _ = BuildWay.Of(arch, Embedded, machine => { asked = $"qemu-{machine}"; return null; }, Fedora);

        Assert.AreEqual(name, asked);
    }

    [TestMethod]
    public void The_step_of_a_build_says_the_way_as_its_target_does()
    {
        var world = new PlanWorld();
        world = world with { SettingsText = world.SettingsText + "\narch = ['s390x']" };
        var (planned, told) = (world.Plan(), BuildWays.AddTo(world.Plan(), Settings.Parse(world.SettingsText, "release.toml")));

        Assert.AreNotEqual(planned.Rpms[0].Targets[0].Why, told.Rpms[0].Targets[0].Why);
        Assert.AreEqual(told.Rpms[0].Targets[0].Why, told.Steps.Single(step => step.Name is "build greeter on fedora-43 (s390x)").Why);
        Assert.AreEqual(planned.Steps[0], told.Steps[0]);
    }

    [TestMethod]
    public void Doctor_says_the_line_that_mends_it_and_fails_for_no_machine_that_others_may_have()
    {
        var bad = ArchitectureChecks.Of("fedora-43 (s390x)", BuildWay.Of(Foreign, Embedded, _ => null, Fedora));
        var good = ArchitectureChecks.Of("fedora-43 (s390x)", BuildWay.Of(Foreign, Embedded, _ => BinfmtEntry.Parse(Registered), Fedora));

        Assert.AreEqual((false, false, true), (bad.Ok, bad.IsFailure, good.Ok));
        Assert.Contains("sudo dnf install qemu-user-static", bad.Fix, StringComparison.Ordinal);
    }
}
