using DotnetRelease.Planning;
using static DotnetRelease.Core.Tests.Specs.SpecTexts;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class PlannedSourcesTests
{
    private static readonly PlanWorld World = new();

    [TestMethod]
    public void A_file_that_no_lock_covers_has_the_digest_of_the_sources_file()
    {
        var source = Plan("Source0: https://example.org/data.tar.gz", $"# data\nSHA256 (data.tar.gz) = {Hex("data")}\n").Single();

        Assert.AreEqual(Digest.Of("data"), source.Digest);
        Assert.AreEqual(new SourcePosition("rpm-specs/greeter/sources", 2, 1), source.Origin);
        Assert.AreEqual("https://example.org/data.tar.gz", source.Url);
        Assert.IsNull(source.Package);
    }

    [TestMethod]
    [DataRow("Source0: greeter.desktop")]
    [DataRow("Patch0: greeter.desktop")]
    [DataRow("Source7: https://example.org/greeter.desktop")]
    [DataRow("Source0: https://example.org/download?id=7#/greeter.desktop")]
    public void A_file_beside_the_spec_is_an_input_by_its_own_digest(string line)
    {
        var source = Plan(line, beside: ("greeter.desktop", "desktop")).Single();

        Assert.AreEqual(Digest.Of("desktop"), source.Digest);
        Assert.AreEqual(6, source.Origin.Line);
        Assert.IsNull(source.Url);
        Assert.IsNull(source.Package);
    }

    [TestMethod]
    public void A_proven_copy_beside_the_spec_needs_no_download()
    {
        var source = Plan("Source0: https://example.org/data", $"SHA256 (data) = {Hex("data")}", ("data", "data")).Single();

        Assert.IsNull(source.Url);
        Assert.AreEqual("rpm-specs/greeter/sources", source.Origin.File);
    }

    [TestMethod]
    public void A_copy_beside_the_spec_with_other_bytes_is_refused() =>
        Assert.AreEqual(Fault.SourceMismatch, Refusal("Source0: https://example.org/data", $"SHA256 (data) = {Hex("data")}", ("data", "other")).Fault);

    [TestMethod]
    public void A_sources_line_that_contradicts_the_lock_is_refused()
    {
        var ex = Refusal("Source0: greeter-1.1-py3-none-any.whl", $"SHA256 (greeter-1.1-py3-none-any.whl) = {Hex("other")}");

        Assert.AreEqual(Fault.SourceMismatch, ex.Fault);
        Assert.Contains("poetry.lock(7)", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_sha512_line_is_demanded_alone_or_besides_what_the_lock_says()
    {
        var line = new string('a', 128);
        var alone = Plan("Source0: https://example.org/data.tar.gz", $"SHA512 (data.tar.gz) = {line}\n").Single();
        var both = Plan("Source0: greeter-1.1-py3-none-any.whl", $"SHA512 (greeter-1.1-py3-none-any.whl) = {line}\n").Single();

        Assert.AreEqual(($"sha512:{line}", null), (alone.Digest.ToString(), alone.Also?.ToString()));
        Assert.AreEqual(("sha256", $"sha512:{line}"), (both.Digest.Algorithm, both.Also?.ToString()));
        Assert.AreEqual("greeter", both.Package);
    }

    [TestMethod]
    public void A_sha512_line_is_among_the_inputs_of_a_build()
    {
        var keys = new[] { "", "SHA512 (greeter-1.1-py3-none-any.whl) = " + new string('a', 128), "SHA512 (greeter-1.1-py3-none-any.whl) = " + new string('b', 128) }
            .Select(sources => With("Source0: greeter-1.1-py3-none-any.whl", sources, []).Plan().Rpms[0].Targets[0].InputsKey);

        Assert.HasCount(3, keys.Distinct());
    }

    [TestMethod]
    [DataRow("Source3: https://example.org/data.tar.gz", "sha256sum --tag 'data.tar.gz' >> 'rpm-specs/greeter/sources'")]
    [DataRow("Source3: data.tar.gz", "Put the file there")]
    public void A_source_without_any_digest_names_its_line_and_how_to_add_one(string line, string remedy)
    {
        var ex = Refusal(line);

        Assert.AreEqual(Fault.SourceWithoutDigest, ex.Fault);
        Assert.AreEqual(new SourcePosition(PlanWorld.SpecPath, 6, 10), ex.Position);
        Assert.Contains("Source3 of greeter, 'data.tar.gz'", ex.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("Source0: %(echo data)")]
    [DataRow("Source0: %{lua:print('x')}")]
    [DataRow("Source0: https://example.org/")]
    [DataRow("Source0: https://example.org/a b")]
    [DataRow("Source0: ..")]
    public void A_source_whose_name_cannot_be_a_file_is_refused(string line) => Assert.AreEqual(Fault.SpecMalformed, Refusal(line).Fault);

    [TestMethod]
    public void A_source_for_another_machine_is_left_out()
    {
        const string lines = "%ifarch aarch64\nSource0: greeter-1.1-cp39-abi3-manylinux_2_39_aarch64.whl\n%else\nSource0: greeter-1.1-py3-none-any.whl\n%endif";

        var world = With(lines, null, []) with { New = [Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl", "greeter-1.1-cp39-abi3-manylinux_2_39_aarch64.whl")] };

        Assert.AreEqual("greeter-1.1-py3-none-any.whl", world.Plan().Rpms[0].Sources.Single().File);
    }

    [TestMethod]
    public void A_source_under_a_condition_that_cannot_be_decided_is_fetched() =>
        Assert.HasCount(2, Plan("%if %{with_data}\nSource0: data\n%endif\nSource1: greeter-1.1-py3-none-any.whl", beside: ("data", "data")));

    [TestMethod]
    public void A_file_that_two_lines_name_is_fetched_once() =>
        Assert.HasCount(1, Plan("Source0: data\nSource1: https://example.org/data", beside: ("data", "data")));

    [TestMethod]
    public void Lists_of_sources_and_patches_are_read() =>
        Assert.AreEqual(
            "data fix.patch",
            string.Join(' ', Plan("\n%sourcelist\ndata\n\n%patchlist\n# why\nfix.patch\n", beside: [("data", "d"), ("fix.patch", "p")]).Select(source => source.File)));

    [TestMethod]
    public void A_source_that_is_an_sdist_says_how_it_is_made_unless_a_copy_is_there()
    {
        const string rule = "[[rpm.source]]\nfile = 'hello-{version}.tar.gz'\ngit = '.'\nsdist = ['make VERSION={version}']\ntarget = 'fedora-43'\n[[rpm]]\nname = \"helper\"";
        var world = With("Source0: hello-%{version}.tar.gz", $"SHA256 (hello-1.1.tar.gz) = {Hex("made")}", []);
        world = world with { SettingsText = world.SettingsText.Replace("[[rpm]]\nname = \"helper\"", rule, StringComparison.Ordinal) };

        var inputs = world.Inputs();
        var source = Planner.Plan(inputs).Rpms[0].Sources.Single();
        var explained = PlanExplanation.Of(Planner.Plan(inputs), inputs, [], []).Rpms[0].Sources.Single();
        var copy = (world with { Files = world.Files.Add("hello-1.1.tar.gz", Digest.Of("made")) }).Plan().Rpms[0].Sources.Single();

        Assert.AreEqual(("git+file:.@v1.1", "'make VERSION=1.1' on fedora-43"), (source.Url, source.Sdist?.ToString()));
        Assert.EndsWith("; it is made from git+file:.@v1.1, by 'make VERSION=1.1' on fedora-43", explained.Why, StringComparison.Ordinal);
        Assert.AreEqual((null, null), (copy.Url, copy.Sdist));
    }

    private static IEnumerable<PlannedSource> Plan(string lines, string? sources = null, params (string Name, string Text)[] beside) =>
        With(lines, sources, beside).Plan().Rpms[0].Sources;

    private static ReleaseException Refusal(string lines, string? sources = null, params (string Name, string Text)[] beside) =>
        With(lines, sources, beside).Refusal();

    private static PlanWorld With(string lines, string? sources, (string Name, string Text)[] beside) => World with
    {
        Spec = Small("1.1", extra: lines),
        Sources = sources,
        Files = World.Files.AddRange(beside.Select(file => KeyValuePair.Create(file.Name, Digest.Of(file.Text)))),
    };
}
