using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmDiffTests(TestContext test)
{
    private static readonly RpmRecipe Before = new("reviewed", "1.0")
    {
        Preamble = """
            Requires: other >= 1.2
            Requires: gone
            Requires: python3dist(greeter) >= 1
            Requires: bounded < 9
            Requires: (python3dist(rich) >= 1)
            Provides: python3dist(reviewed) = 1.0
            Provides: old-name
            """,
        Install = """
            mkdir -p %{buildroot}/usr/lib/reviewed-1.0.dist-info %{buildroot}/usr/share/reviewed
            echo one > %{buildroot}/usr/lib/reviewed-1.0.dist-info/RECORD
            echo same > %{buildroot}/usr/share/reviewed/same-11.0
            echo old > %{buildroot}/usr/share/reviewed/changed
            echo old > %{buildroot}/usr/share/reviewed/removed
            ln -s same-11.0 %{buildroot}/usr/share/reviewed/link
            """,
        Files = "/usr/lib/reviewed-1.0.dist-info\n/usr/share/reviewed",
    };

    private static readonly RpmRecipe After = Before with
    {
        Version = "1.1",
        Preamble = """
            Requires: other >= 1.2, other < 2
            Requires: python3dist(greeter) = 1.1.5
            Requires: bounded < 10
            Requires: (python3dist(rich) >= 1 with python3dist(rich) < 2)
            Requires: twin = 1.1
            Provides: python3dist(reviewed) = 1.1
            """,
        Install = """
            mkdir -p %{buildroot}/usr/lib/reviewed-1.1.dist-info %{buildroot}/usr/share/reviewed
            echo one > %{buildroot}/usr/lib/reviewed-1.1.dist-info/RECORD
            echo same > %{buildroot}/usr/share/reviewed/same-11.0
            echo new and longer > %{buildroot}/usr/share/reviewed/changed
            chmod 4755 %{buildroot}/usr/share/reviewed/changed
            echo new > %{buildroot}/usr/share/reviewed/added
            ln -s added %{buildroot}/usr/share/reviewed/link
            """,
        Files = "/usr/lib/reviewed-1.1.dist-info\n/usr/share/reviewed",
        Rest = """
            %post
            echo hello
            %changelog
            * Thu Nov 20 2025 A Tester <a@example.org> - 1.1-1
            - Second.
            """,
    };

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_diff_names_what_an_update_brings_and_not_what_moves_with_the_version()
    {
        var diff = RpmDiff.Of(await ReadAsync(Before), await ReadAsync(After));

        var found = diff.Differences.Select(one => $"{one.Area} {one.Kind} {one.Name}").ToList();
        CollectionAssert.AreEqual(
            (string[])
            [
                "Header changed version",
                "Requires added /bin/sh", "Requires changed bounded", "Requires removed gone", "Requires changed other", "Requires changed python3dist(greeter)",
                "Requires changed python3dist(rich)", "Requires added twin",
                "Provides removed old-name",
                "Scriptlets added %post",
                "Files added /usr/share/reviewed/added", "Files changed /usr/share/reviewed/changed", "Files changed /usr/share/reviewed/link", "Files removed /usr/share/reviewed/removed",
            ],
            found,
            string.Join('\n', found));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_new_upper_bound_is_marked_and_one_that_only_moved_is_not()
    {
        var diff = RpmDiff.Of(await ReadAsync(Before), await ReadAsync(After));

        CollectionAssert.AreEqual(
            (string[])["other", "python3dist(greeter)", "python3dist(rich)"],
            diff.Differences.Where(one => one.IsNewUpperBound).Select(one => one.Name).ToList());
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_changed_file_says_mode_owner_size_and_digest_of_both_sides()
    {
        var diff = RpmDiff.Of(await ReadAsync(Before), await ReadAsync(After));
        var file = diff.Differences.Single(one => one.Name.EndsWith("/changed", StringComparison.Ordinal));

        Assert.StartsWith("0644 root:root 4 bytes ", file.Old!, StringComparison.Ordinal);
        Assert.StartsWith("4755 root:root 15 bytes ", file.New!, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_program_that_got_capabilities_changed_although_its_bytes_did_not()
    {
        var mighty = Before with { Files = "%attr(0755,root,root) %caps(cap_net_raw=ep) /usr/share/reviewed/same-11.0" };
        var plain = mighty with { Files = "%attr(0755,root,root) /usr/share/reviewed/same-11.0" };
        var rest = "rm -r %{buildroot}/usr/lib %{buildroot}/usr/share/reviewed/[clr]*";
        var file = RpmDiff.Of(await ReadAsync(plain with { Install = $"{Before.Install}\n{rest}" }), await ReadAsync(mighty with { Install = $"{Before.Install}\n{rest}" })).Differences
            .Single(one => one.Area is RpmArea.Files);

        Assert.AreEqual(file.Old + " cap_net_raw=ep", file.New);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_package_does_not_differ_from_itself()
    {
        var package = await ReadAsync(After);

        Assert.IsEmpty(RpmDiff.Of(package, package).Differences);
    }

    private async Task<RpmPackage> ReadAsync(RpmRecipe recipe) => await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(recipe)).Binary, Ct);
}
