using DotnetRelease.Planning;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class PlannerTests
{
    [TestMethod]
    public void A_bump_asks_for_the_rpms_that_follow_it_and_says_why()
    {
        var plan = new PlanWorld().Plan();

        var rpm = plan.Rpms.Single();
        Assert.AreEqual("greeter 1.1 rpm-specs/greeter/greeter.spec 1.1", $"{rpm.Name} {rpm.Version} {rpm.Spec} {rpm.SpecVersion}");
        CollectionAssert.AreEqual((string[])["poetry.lock: greeter 1.0 -> 1.1"], rpm.Reasons);
        var target = rpm.Targets.Single();
        Assert.AreEqual("fedora-43 x86_64", $"{target.Name} {target.Arch}");
        Assert.AreEqual(Digest.Of("image"), target.ImageDigest);
        CollectionAssert.AreEqual((string[])["greeter-1.1-1.fc43.x86_64", "greeter-1.1-1.fc43.src"], target.Nevras);
        Assert.AreEqual(TargetState.Build, target.State);
        Assert.AreEqual("not built yet; image registry.example.org/fedora:43: pinned by release.lock", target.Why);
        CollectionAssert.AreEqual(
            (string[])["fetch run", "build greeter on fedora-43 (x86_64) run", "build helper skip"], plan.Steps.Select(step => $"{step.Name} {step.State}").ToArray());
        Assert.AreEqual("it follows no locked package; name it to build it", plan.Steps[^1].Why);
    }

    [TestMethod]
    public void A_locked_wheel_has_the_digest_of_the_lock_and_is_looked_up_in_the_index()
    {
        var source = new PlanWorld().Plan().Rpms[0].Sources.Single();

        Assert.AreEqual("greeter-1.1-py3-none-any.whl", source.File);
        Assert.AreEqual(Digest.Of("greeter-1.1-py3-none-any.whl"), source.Digest);
        Assert.AreEqual(new SourcePosition("poetry.lock", 7), source.Origin);
        Assert.AreEqual("greeter", source.Package);
        Assert.IsNull(source.Url);
    }

    [TestMethod]
    public void Without_a_bump_nothing_is_planned_and_every_rpm_says_why()
    {
        var world = new PlanWorld();

        var plan = (world with { Old = world.New }).Plan();

        Assert.IsEmpty(plan.Rpms);
        CollectionAssert.AreEqual(
            (string[])["nothing to build needs a file", "none of the packages it follows changed: greeter", "it follows no locked package; name it to build it"],
            plan.Steps.Select(step => step.Why).ToArray());
    }

    [TestMethod]
    public void An_rpm_that_is_named_is_planned_without_a_bump()
    {
        var world = new PlanWorld { Request = new(["greeter"], []) };

        var plan = (world with { Old = world.New }).Plan();

        CollectionAssert.AreEqual((string[])["named on the command line; none of the packages it follows changed"], plan.Rpms.Single().Reasons);
        Assert.AreEqual("not among the RPMs that were asked for", plan.Steps[^1].Why);
    }

    [TestMethod]
    public void A_change_of_files_alone_is_a_reason_and_names_files_with_other_digests()
    {
        var world = new PlanWorld { Old = [Package("greeter", "1.1", ("greeter-1.1-py3-none-any.whl", Hex("other")), ("gone.whl", Hex("gone")))] };

        Assert.AreEqual(
            "poetry.lock: greeter 1.1 has other files (0 more, 1 fewer); with other digests than before: greeter-1.1-py3-none-any.whl",
            world.Plan().Rpms[0].Reasons.Single());
    }

    [TestMethod]
    public void The_same_inputs_that_were_built_are_up_to_date()
    {
        var world = new PlanWorld();
        var key = world.Plan().Rpms[0].Targets[0].InputsKey;
        var record = new BuildRecord("greeter", "fedora-43", "x86_64", key, [new("greeter-1.1-1.fc43.x86_64.rpm", Digest.Of("rpm"), Digest.Of("header"))]);

        var plan = (world with { Built = [record] }).Plan();

        Assert.AreEqual(TargetState.UpToDate, plan.Rpms[0].Targets[0].State);
        Assert.StartsWith("built from exactly these inputs: greeter-1.1-1.fc43.x86_64.rpm; image", plan.Rpms[0].Targets[0].Why, StringComparison.Ordinal);
        Assert.IsTrue(plan.Steps.All(step => step.State is "skip"));
    }

    [TestMethod]
    public void A_build_in_other_packages_than_the_locked_ones_is_not_up_to_date()
    {
        var world = new PlanWorld();
        RootPackages one = RootPackages.Of([new(new Nevra("bash", 0, "1", "1", "x86_64"), Digest.Of("bash"))]);
        var record = new BuildRecord("greeter", "fedora-43", "x86_64", world.Plan().Rpms[0].Targets[0].InputsKey, [new("greeter.rpm", Digest.Of("rpm"), Digest.Of("header"))]);
        var locked = world with { Pins = ReleaseLock.Empty.With(new RootKey("fedora-43", "x86_64", "greeter"), one) };

        var changed = (locked with { Built = [record with { Root = RootPackages.Empty.Digest }] }).Plan().Rpms[0].Targets[0];

        Assert.AreEqual(TargetState.Build, changed.State);
        Assert.StartsWith("the packages of its build root in release.lock are not those of the last build", changed.Why, StringComparison.Ordinal);
        Assert.AreEqual(TargetState.UpToDate, (locked with { Built = [record with { Root = one.Digest }] }).Plan().Rpms[0].Targets[0].State);
        Assert.AreEqual(TargetState.UpToDate, (world with { Built = [record with { Root = one.Digest }] }).Plan().Rpms[0].Targets[0].State, "Nothing is locked.");
    }

    [TestMethod]
    public void A_plan_says_which_inputs_are_not_those_of_the_last_build()
    {
        var world = new PlanWorld();
        var (spec, image, wheel) = (world with { Spec = world.Spec + "# a comment\n" }, world with { Image = Digest.Of("another image") }, world with { New = [Package("greeter", "1.1", ("greeter-1.1-py3-none-any.whl", Hex("other bytes")))] });

        Assert.AreEqual("the spec changed", Why(world, spec));
        Assert.AreEqual("the image changed", Why(world, image));
        Assert.AreEqual("source greeter-1.1-py3-none-any.whl changed", Why(world, wheel));
        Assert.AreEqual("compression changed, prepare changed", Why(world, world with { SettingsText = world.SettingsText + "\nprepare = ['true']\n[build]\ncompression = 'fast'" }));
        Assert.AreEqual("source greeter-1.0-py3-none-any.whl is gone, source greeter-1.1-py3-none-any.whl is new, the spec changed", Why(world with { New = world.Old, Old = world.New, Spec = Small("1.0", extra: "Source0: https://example.org/greeter-%{version}-py3-none-any.whl") }, world));
    }

    [TestMethod]
    public void A_plan_says_that_a_package_will_be_installed()
    {
        var world = new PlanWorld();
        var smoking = world with { SettingsText = world.SettingsText.Replace("name = \"greeter\"", "name = \"greeter\"\nsmoke = ['greet']", StringComparison.Ordinal) };

        Assert.AreEqual("smoke is new; then installed, updated and removed once", Why(world, smoking));
        Assert.StartsWith("built from exactly these inputs", Why(smoking, smoking), StringComparison.Ordinal);
    }

    /// <summary>The reason of building now what was built before, without the part about the image.</summary>
    private static string Why(PlanWorld before, PlanWorld now)
    {
        var last = before.Plan().Rpms[0].Targets[0];
        var record = new BuildRecord("greeter", "fedora-43", "x86_64", last.InputsKey, []) { Parts = last.Inputs.Parts };
        return (now with { Built = [record] }).Plan().Rpms[0].Targets[0].Why.Split("; image ")[0];
    }

    [TestMethod]
    public void Every_input_of_a_build_changes_its_key()
    {
        var world = new PlanWorld();
        PlanWorld[] others =
        [
            world with { Image = Digest.Of("another image") },
            world with { Spec = world.Spec + "# a comment\n" },
            world with { New = [Package("greeter", "1.1", ("greeter-1.1-py3-none-any.whl", Hex("other bytes")))] },
            world with { SettingsText = world.SettingsText + "\nprepare = ['true']" },
            world with { SettingsText = world.SettingsText + "\nprepare = ['true', 'true']" },
            world with { SettingsText = world.SettingsText.Replace("fedora-43", "fedora-44", StringComparison.Ordinal) },
            world with { SettingsText = world.SettingsText + "\narch = ['aarch64']" },
            world with { SettingsText = world.SettingsText + "\n[build]\ncompression = 'fast'" },
            world with { SettingsText = world.SettingsText.Replace("name = \"greeter\"", "name = \"greeter\"\nsmoke = []", StringComparison.Ordinal) },
            world with { SettingsText = world.SettingsText.Replace("name = \"greeter\"", "name = \"greeter\"\nsmoke = ['greet']", StringComparison.Ordinal) },
        ];

        var keys = others.Append(world).Select(other => other.Plan().Rpms[0].Targets[0].InputsKey).ToHashSet();

        Assert.HasCount(others.Length + 1, keys);
    }

    [TestMethod]
    public void What_does_not_go_into_a_build_does_not_change_its_key()
    {
        var world = new PlanWorld();

        var other = world with
        {
            SettingsText = world.SettingsText + "\n[signing]\nkey = 'DE28AB241FA48260FAC9B8BAA7C9B38522604281'",
            Old = [],
            New = [.. world.New, Wheels("numpy", "2.0", "numpy-2.0-py3-none-any.whl")],
            Files = world.Files.Add("README.md", Digest.Of("readme")),
        };

        Assert.AreEqual(world.Plan().Rpms[0].Targets[0].InputsKey, other.Plan().Rpms[0].Targets[0].InputsKey);
    }

    [TestMethod]
    public void Without_a_known_image_nothing_is_up_to_date()
    {
        var world = new PlanWorld { Image = null };
        var key = world.Plan().Rpms[0].Targets[0].InputsKey;

        var target = (world with { Built = [new("greeter", "fedora-43", "x86_64", key, [])] }).Plan().Rpms[0].Targets[0];

        Assert.AreEqual(TargetState.Build, target.State);
        Assert.IsNull(target.ImageDigest);
        Assert.EndsWith("not looked up", target.Why, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_spec_that_lags_is_refused_with_both_versions_and_the_command()
    {
        var ex = new PlanWorld { Spec = Small("1.0", extra: "Source0: greeter-%{version}-py3-none-any.whl") }.Refusal();

        Assert.AreEqual(Fault.SpecLags, ex.Fault);
        Assert.AreEqual(new SourcePosition(PlanWorld.SpecPath, 2, 10), ex.Position);
        Assert.Contains("has version 1.0, and poetry.lock(5) has greeter 1.1", ex.Message, StringComparison.Ordinal);
        Assert.AreEqual("Run: dotnet release spec update greeter", ex.Remedy);
    }

    [TestMethod]
    public void A_spec_with_the_right_version_and_an_old_wheel_lags_too()
    {
        var ex = new PlanWorld { Spec = Small("1.1", extra: "Source0: greeter-1.0-py3-none-any.whl") }.Refusal();

        Assert.AreEqual(Fault.SpecLags, ex.Fault);
        Assert.Contains("line 6 still has 'greeter-1.0-py3-none-any.whl'", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_foreseen_update_plans_what_the_spec_will_be()
    {
        var plan = new PlanWorld
        {
            Spec = Small("1.0", "4%{?dist}", "Source0: greeter-1.0-py3-none-any.whl"),
            Request = PlanRequest.Everything with { ForeseeSpecUpdate = true },
        }.Plan();

        var rpm = plan.Rpms.Single();
        Assert.AreEqual("1.1 1.0", $"{rpm.Version} {rpm.SpecVersion}");
        Assert.AreEqual("greeter-1.1-py3-none-any.whl", rpm.Sources.Single().File);
        Assert.AreEqual("greeter-1.1-1.fc43.x86_64", rpm.Targets[0].Nevras[0]);
        Assert.AreEqual("spec update greeter run", $"{plan.Steps[0].Name} {plan.Steps[0].State}");
    }

    [TestMethod]
    public void A_version_that_only_rpm_can_tell_is_left_to_the_sandbox_and_has_to_be_the_locked_one()
    {
        var rpm = new PlanWorld { Spec = Small("%(cat version)", "%(cat {release})%{?dist}", "Source0: greeter-1.1-py3-none-any.whl") }.Plan().Rpms.Single();

        Assert.AreEqual("1.1 %(cat version)", $"{rpm.Version} {rpm.SpecVersion}");
        Assert.AreEqual("greeter-1.1-%{…}.fc43.x86_64", rpm.Targets[0].Nevras[0]);
    }

    [TestMethod]
    public void A_computed_version_that_no_lock_decides_stays_open()
    {
        var rpm = new PlanWorld { Spec = Small("%(cat version)"), Request = new(["helper"], []) }.Plan().Rpms.Single();

        Assert.AreEqual("greeter-%{…}-1.fc43.x86_64", rpm.Targets[0].Nevras[0]);
    }

    [TestMethod]
    public void Several_locked_versions_are_an_error_that_lists_them_and_the_way_out()
    {
        var world = new PlanWorld
        {
            New =
            [
                Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl") with { Markers = ["python_version < \"3.10\""] },
                Wheels("greeter", "1.10", "greeter-1.10-py3-none-any.whl") with { Markers = ["python_version >= \"3.10\""] },
            ],
        };

        var ex = world.Refusal();

        Assert.AreEqual(Fault.VersionAmbiguous, ex.Fault);
        Assert.Contains("1.1 at poetry.lock(5) for python_version < \"3.10\"; 1.10 at", ex.Message, StringComparison.Ordinal);
        Assert.Contains("version-select = \"highest\"", ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("highest", "1.10")]
    [DataRow("lowest", "1.1")]
    public void Several_locked_versions_are_no_error_when_the_settings_choose(string select, string version)
    {
        var world = new PlanWorld
        {
            New = [Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl"), Wheels("greeter", "1.10", "greeter-1.10-py3-none-any.whl")],
            Request = PlanRequest.Everything with { ForeseeSpecUpdate = true },
        };
        world = world with { SettingsText = world.SettingsText.Replace("follows =", $"version-select = '{select}'\nfollows =", StringComparison.Ordinal) };

        var rpm = world.Plan().Rpms.Single();

        Assert.AreEqual(version, rpm.Version);
        Assert.AreEqual($"greeter-{version}-py3-none-any.whl", rpm.Sources.Single().File);
        Assert.Contains(select, rpm.Reasons[^1], StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_followed_package_that_no_lock_has_is_an_error_with_a_suggestion()
    {
        var world = new PlanWorld { New = [Wheels("greeters", "1.1", "x-1.1-py3-none-any.whl")], Old = [], Request = new(["greeter"], []) };

        var ex = world.Refusal();

        Assert.AreEqual(Fault.PackageNotLocked, ex.Fault);
        Assert.AreEqual("Did you mean 'greeters'?", ex.Remedy);
        Assert.AreEqual(4, ex.Position!.Value.Line);
    }

    [TestMethod]
    public void A_wheel_that_the_lock_does_not_have_for_the_machine_is_named()
    {
        var ex = new PlanWorld
        {
            Spec = Small("1.0", extra: "Source0: greeter-1.0-cp39-abi3-manylinux_2_28_x86_64.whl"),
            New = [Wheels("greeter", "1.1", "greeter-1.1-cp39-abi3-win_amd64.whl")],
        }.Refusal();

        Assert.AreEqual(Fault.WheelNotFound, ex.Fault);
    }

    [TestMethod]
    [DataRow("rpms", "greter", "RPM 'greter'. Did you mean 'greeter'?")]
    [DataRow("targets", "fedora-42", "target 'fedora-42'. Did you mean 'fedora-43'?")]
    public void An_unknown_name_on_the_command_line_is_refused(string what, string name, string message)
    {
        var ex = new PlanWorld { Request = what is "rpms" ? new([name], []) : new([], [name]) }.Refusal();

        Assert.AreEqual(Fault.Usage, ex.Fault);
        Assert.AreEqual($"The settings have no {message}", $"{ex.Message} {ex.Remedy}");
    }

    [TestMethod]
    public void A_target_past_its_end_of_life_is_left_out_unless_it_is_named()
    {
        var world = new PlanWorld { Request = PlanRequest.Everything with { Today = new(2026, 12, 3) } };
        world = world with { SettingsText = world.SettingsText + "\neol = 2026-12-02" };

        var plan = world.Plan();
        Assert.IsEmpty(plan.Rpms);
        Assert.IsTrue(plan.Steps.Any(step => step.Why.Contains("end of life on 2026-12-02", StringComparison.Ordinal)));

        Assert.HasCount(1, (world with { Request = world.Request with { Targets = ["fedora-43"] } }).Plan().Rpms);
        Assert.HasCount(1, (world with { Request = world.Request with { Today = new(2026, 12, 2) } }).Plan().Rpms);
    }

    [TestMethod]
    public void Every_machine_of_a_target_is_planned()
    {
        var world = new PlanWorld();
        world = world with { SettingsText = world.SettingsText + "\narch = ['x86_64', 'aarch64']" };

        CollectionAssert.AreEqual((string[])["x86_64", "aarch64"], world.Plan().Rpms[0].Targets.Select(target => target.Arch).ToArray());
    }

    [TestMethod]
    public void What_is_the_same_for_every_machine_of_a_target_comes_from_the_first_of_them()
    {
        var world = new PlanWorld { Request = new(["greeter"], []), Spec = Specs.SpecTexts.Small("1.1", extra: "%package data\nSummary: d\nBuildArch: noarch\n%description data\n%files data\n") };
        world = world with { SettingsText = world.SettingsText + "\narch = ['x86_64', 'aarch64']" };

        var targets = world.Plan().Rpms.Single().Targets;
        var alone = (world with { Request = world.Request with { Archs = ["aarch64"] } }).Plan().Rpms.Single().Targets.Single();

        Assert.AreEqual(
            "greeter-1.1-1.fc43.x86_64 greeter-data-1.1-1.fc43.noarch greeter-1.1-1.fc43.src, greeter-1.1-1.fc43.aarch64",
            string.Join(", ", targets.Select(target => string.Join(' ', target.Nevras))));
        Assert.AreEqual("greeter-data-1.1-1.fc43.noarch greeter-1.1-1.fc43.src", string.Join(' ', targets[1].Aside));
        Assert.AreEqual(targets[1].InputsKey, alone.InputsKey, "a job that builds it alone builds the same");

        // Another order of the machines makes other results, so none of the old ones is up to date.
        var turned = (world with { SettingsText = world.SettingsText.Replace("'x86_64', 'aarch64'", "'aarch64', 'x86_64'", StringComparison.Ordinal) }).Plan().Rpms.Single().Targets;
        CollectionAssert.AreNotEquivalent(targets.Select(target => target.InputsKey).ToList(), turned.Select(target => target.InputsKey).ToList());
    }

    [TestMethod]
    public void An_RPM_without_anything_for_one_machine_is_built_once_for_all_of_them()
    {
        var world = new PlanWorld { Request = new(["greeter"], []), Spec = Specs.SpecTexts.Small("1.1", extra: "BuildArch: noarch") };
        world = world with { SettingsText = world.SettingsText + "\narch = ['x86_64', 'aarch64']" };

        var plan = world.Plan();

        Assert.AreEqual("x86_64", plan.Rpms.Single().Targets.Single().Arch);
        Assert.AreEqual(
            "its packages are the same for every machine, and come from the build on x86_64", plan.Steps.Single(step => step.Name is "build greeter on fedora-43 (aarch64)").Why);
        Assert.IsEmpty((world with { Request = world.Request with { Archs = ["aarch64"] } }).Plan().Rpms);
    }

    [TestMethod]
    public void A_missing_spec_is_named()
    {
        var inputs = new PlanWorld().Inputs();

        var ex = Assert.ThrowsExactly<ReleaseException>(() => Planner.Plan(inputs with { Specs = inputs.Specs.Clear() }));

        Assert.AreEqual(Fault.SpecNotFound, ex.Fault);
        Assert.Contains("rpm-specs/greeter/greeter.spec", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("fedora-44", "i", ".fc44")]
    [DataRow("local", "registry.fedoraproject.org/fedora:43", ".fc43")]
    [DataRow("local", "quay.io/centos/centos:stream9", ".el9")]
    [DataRow("centos-stream-10", "i", ".el10")]
    [DataRow("rocky-9", "i", ".el9")]
    [DataRow("x", "quay.io/almalinuxorg/almalinux:9.4", ".el9")]
    [DataRow("x", "registry.access.redhat.com/ubi9:latest", ".el9")]
    [DataRow("local", "rootfs:build/distro.tar", "%{?dist}")]
    [DataRow("fedora-rawhide", "registry.fedoraproject.org/fedora:rawhide", "%{?dist}")]
    public void The_dist_tag_is_what_the_names_tell_or_stays_open(string name, string image, string dist)
    {
        var world = new PlanWorld();
        var settings = world.SettingsText
            .Replace("fedora-43", name, StringComparison.Ordinal)
            .Replace("registry.example.org/fedora:43", image, StringComparison.Ordinal);

        Assert.AreEqual($"greeter-1.1-1{dist}.x86_64", (world with { SettingsText = settings }).Plan().Rpms[0].Targets[0].Nevras[0]);
    }
}
