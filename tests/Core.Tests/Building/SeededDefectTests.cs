using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>One package of rpmbuild for each defect, and the published one that it would replace where that is what makes it one. The table has to have a row for each alarm about packages.</summary>
[TestClass]
public sealed class SeededDefectTests(TestContext test)
{
    private const string Log = "%changelog\n* Thu Nov 20 2025 Alice <alice@project.invalid> - 1.0-1\n- First.\n";
    private const string Program = "/usr/bin/seeded";

    private static readonly string Arch = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "aarch64" : "x86_64";
    private static readonly int Machine = ElfFile.MachineOf(Arch)!.Value;

    private static readonly RpmRecipe Good = new("seeded") { Release = "1.fc43", Files = Program, Rest = Log };

    /// <summary>What users have, for those defects that are only one in comparison.</summary>
    private static readonly RpmRecipe Published = With("echo hello") with { Version = "0.9" };

    /// <summary>Which alarm says it, what is wrong, and what it is about.</summary>
    private static readonly ImmutableArray<(AlarmKind Kind, RpmRecipe Recipe, string? File)> Defects =
    [
        (AlarmKind.DistDiffers, With("echo hello") with { Release = "1.fc42" }, null),
        (AlarmKind.FileClosed, With("echo hello") with { Files = $"%attr(0600,root,root) {Program}" }, Program),
        (AlarmKind.FileOpen, With("echo hello") with { Files = $"%attr(0666,root,root) {Program}" }, Program),
        (AlarmKind.FileSetuid, With("echo hello") with { Files = $"%attr(4755,root,root) {Program}" }, Program),
        (AlarmKind.FolderForeign, With("echo hello") with { Files = $"%dir /usr/bin\n{Program}" }, "/usr/bin"),
        (AlarmKind.BuildPath, With("echo hello") with { Rest = "%post\ncat /build/BUILD/list\n" + Log }, "%post"),
        (AlarmKind.ChangelogUnreal, With("echo hello") with { Rest = "" }, null),
        (AlarmKind.BuildRootInside, With("echo 'prefix=/build/BUILDROOT/seeded-1.0-1.fc43.noarch/usr'"), Program),
        (AlarmKind.BuildFolderInside, With("echo '#line 1 /build/BUILD/seeded-1.0/main.c'"), Program),
        (AlarmKind.MachineForeign, With("cat " + Elf(Machine is 183 ? 62 : 183)) with { Arch = Arch }, Program),
        (AlarmKind.MachineNoarch, With("cat " + Elf(Machine)) with { Macros = "_binaries_in_noarch_packages_terminate_build 0" }, Program),
        (AlarmKind.LibraryPathAstray, With("cat " + Elf(Machine, "/home/builder/lib")) with { Arch = Arch }, Program),
        (AlarmKind.ContentsUnread, With("echo hello") with { Macros = "_binary_payload w9.bzdio" }, null),
        (AlarmKind.RequirementAdded, With("echo hello") with { Preamble = "Requires: other" }, "other"),
        (AlarmKind.RequirementRemoved, With("echo hello"), "other"),
        (AlarmKind.RequirementBounded, With("echo hello") with { Preamble = "Requires: other < 2" }, "other"),
        (AlarmKind.SizeMoved, With("head -c 200000 /dev/zero"), null),
        (AlarmKind.ProgramGone, With("echo hello"), "/usr/bin/gone"),
        (AlarmKind.FilesLost, With("echo hello"), "/usr/share/lost"),
        (AlarmKind.VersionNotAbove, With("echo hello"), null),
    ];

    private static readonly Dictionary<AlarmKind, RpmRecipe> Replaced = new()
    {
        [AlarmKind.RequirementAdded] = Published,
        [AlarmKind.RequirementRemoved] = Published with { Preamble = "Requires: other" },
        [AlarmKind.RequirementBounded] = Published with { Preamble = "Requires: other >= 1" },
        [AlarmKind.SizeMoved] = Published,
        [AlarmKind.ProgramGone] = Published with { Install = Published.Install + "\ntouch %{buildroot}/usr/bin/gone", Files = Program + "\n/usr/bin/gone" },
        [AlarmKind.FilesLost] = Published with { Install = Published.Install + "\nmkdir -p %{buildroot}/usr/share; touch %{buildroot}/usr/share/lost", Files = Program + "\n/usr/share/lost" },
        [AlarmKind.VersionNotAbove] = Published with { Version = "1.0.1" },
    };

    private CancellationToken Ct => test.CancellationToken;

    public static IEnumerable<object[]> Ids => Defects.Select(defect => (object[])[defect.Kind.Id]);

    /// <summary>What only an installation shows has its defects where there is something to install on: InstallCheckTests.</summary>
    [TestMethod]
    public void Every_alarm_about_packages_has_its_defect() => Assert.AreEqual(
        string.Join('\n', AlarmKind.All.Where(kind => kind.IsAboutBuild).Select(kind => kind.Id)),
        string.Join('\n', [.. Defects.Select(defect => defect.Kind.Id), "REL3221", "REL3222", "REL3223"]));

    [TestMethod]
    [Timeout(60_000)]
    [DynamicData(nameof(Ids))]
    public async Task The_defect_is_found_and_nothing_else(string id)
    {
        var (kind, recipe, file) = Defects.Single(defect => defect.Kind.Id == id);

        var alarm = (await AlarmsAsync(recipe, Replaced.GetValueOrDefault(kind))).Single();

        Assert.AreEqual((kind, "seeded", "1.0", file), (alarm.Kind, alarm.Package, alarm.Version, alarm.File), alarm.Text);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("$ORIGIN/../lib64/seeded:$ORIGIN", null)]
    [DataRow("/usr/lib64/qt6", null)]
    [DataRow("${ORIGIN}/../../opt/x", null)]
    [DataRow("/srv/seeded", null, DisplayName = "the package has files there")]
    [DataRow("", null, DisplayName = "an empty list is ignored")]
    [DataRow(":/usr/lib64", "''")]
    [DataRow("lib:/usr/lib64", "'lib'")]
    [DataRow("/usr/lib64::/tmp", "''")]
    [DataRow("$ORIGIN/../../home/x", "home/x'")]
    [DataRow("/usr/../tmp", "/usr/../tmp'")]
    [DataRow("/usr/local/lib", "/usr/local/lib'")]
    [DataRow("/srv/seed", "/srv/seed'")]
    public async Task A_library_path_has_to_stay_where_only_root_writes(string path, string? says)
    {
        var recipe = With($"cat {Elf(Machine, path)}") with
        {
            Arch = Arch,
            Files = $"{Program}\n/srv/seeded",
        };
        recipe = recipe with { Install = recipe.Install + "\nmkdir -p %{buildroot}/srv/seeded\necho x > %{buildroot}/srv/seeded/libx.so" };

        var alarm = (await AlarmsAsync(recipe)).FirstOrDefault();

        Assert.AreEqual(says is null ? null : AlarmKind.LibraryPathAstray, alarm?.Kind);
        Assert.Contains(says ?? "", alarm?.Text ?? "", StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000)]
    [DataRow("w6.gzdio")]
    [DataRow("w2.xzdio")]
    [DataRow("w3.zstdio")]
    public async Task A_path_is_found_behind_each_compression_and_across_the_parts_of_a_large_file(string payload)
    {
        // Hard links, an empty file and a link, because each is stored in its own way; the path lies across two parts of a megabyte.
        var alarms = await AlarmsAsync(Good with
        {
            Macros = $"_binary_payload {payload}",
            Files = "/usr/share/seeded",
            Install = """
                mkdir -p %{buildroot}/usr/share/seeded && cd %{buildroot}/usr/share/seeded
                head -c 1048570 /dev/zero > a; printf 'Z/build/BUILD/seeded-1.0-build/BUILDROOT/usr\0' >> a; head -c 3000000 /dev/zero >> a
                ln a b; : > empty; ln -s a link; printf /build/BUILD > z
                """,
        });

        CollectionAssert.AreEquivalent((string[])["REL3208", "REL3209"], alarms.Select(alarm => alarm.Kind.Id).ToList());
        Assert.Contains("/build/BUILD/seeded-1.0-build/BUILDROOT/usr, a path", alarms.Single(alarm => alarm.Kind == AlarmKind.BuildRootInside).Text, StringComparison.Ordinal);
        Assert.AreEqual("/usr/share/seeded/z", alarms.Single(alarm => alarm.Kind == AlarmKind.BuildFolderInside).File);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_defect_in_every_file_is_told_of_a_few_and_counted()
    {
        var alarms = await AlarmsAsync(Good with
        {
            Files = "/usr/share/seeded",
            Install = "mkdir -p %{buildroot}/usr/share/seeded\nfor n in $(seq 30); do echo /build/BUILD/x > %{buildroot}/usr/share/seeded/$n; done",
        });

        Assert.HasCount(11, alarms);
        Assert.IsNull(alarms[^1].File);
        Assert.EndsWith("So it is with 19 others.", alarms[^1].Text, StringComparison.Ordinal);
    }

    private static RpmRecipe With(string writes) =>
        Good with { Install = $"mkdir -p %{{buildroot}}/usr/bin\n{{ {writes}; }} > %{{buildroot}}{Program}\nchmod 755 %{{buildroot}}{Program}" };

    private static string Elf(int machine, string? libraryPath = null) => ElfBytes.Write(Leftovers.NewFolder(), machine, libraryPath);

    private async Task<ImmutableArray<Alarm>> AlarmsAsync(RpmRecipe recipe, RpmRecipe? published = null)
    {
        var package = await ReadAsync(recipe);
        var spec = new SourcePosition("seeded.spec");
        return
        [
            .. new PackagePolicy(package, spec, ".fc43").Alarms(), .. new ContentPolicy(package, spec).Alarms(Ct),
            .. published is null ? [] : new UpdatePolicy(await ReadAsync(published), package, spec).Alarms(),
        ];
    }

    private async Task<RpmPackage> ReadAsync(RpmRecipe recipe) => await RpmPackage.ReadAsync((await RpmFactory.BuildAsync(recipe)).Binary, Ct);
}
