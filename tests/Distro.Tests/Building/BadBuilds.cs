using System.Globalization;
using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>
/// RPMs whose builds do what a build must not do, all of one project, so that one run tries them all. Each ends with exit code 7, nothing of any
/// is copied out, and no process stays.
/// </summary>
internal sealed class BadBuilds
{
    private static readonly (string Name, string Sections, string Says)[] Kinds =
    [
        ("endless", "%build\nsh -c 'trap \"\" TERM INT; while :; do sleep @; done'\n%files\n", "REL3107 endless on local: the step 'build' was ended at the time limit of 5 seconds; its log is "),
        ("forking", "%build\npython3 -c 'import os\nwhile True: os.fork()' @\n%files\n", "after it could get no more memory or processes than its limits allow"),
        ("hungry", "%build\npython3 -c 'bytearray(400 << 20)' @\n%files\n", "after it could get no more memory or processes than its limits allow"),
        ("linking", "%install\nmkdir -p %{_rpmdir}/noarch\nln -s /etc/passwd %{_rpmdir}/noarch/x.rpm\n%files\n", "REL3104 linking on local: '/build/RPMS/noarch/x.rpm', which the build gave, is a symbolic link and no plain file."),
        ("piping", "%install\nmkdir -p %{_rpmdir}/noarch\nmkfifo %{_rpmdir}/noarch/x.rpm\n%files\n", "REL3104 piping on local: '/build/RPMS/noarch/x.rpm', which the build gave, is a FIFO, socket or device and no plain file."),
        ("doubling", "%install\nmkdir -p %{_rpmdir}/other\ntouch %{_rpmdir}/other/doubling-1.0-1%{?dist}.noarch.rpm\n%files\n", "REL3104 doubling on local: '/build/RPMS/other/doubling-1.0-1.deb12.noarch.rpm', which the build gave, has the name of another one."),
        ("hollow", "%install\nmkdir -p %{_rpmdir}/noarch\ntouch %{_rpmdir}/noarch/x.rpm\n%files\n", "REL3104 hollow on local: '/build/RPMS/noarch/x.rpm', which the build gave, is no package that could be used: "),
        ("shouting", "%install\nmkdir -p %{_rpmdir}/noarch\ntouch \"%{_rpmdir}/noarch/$(printf 'a\\nb').rpm\"\n%files\n", "REL3104 shouting on local: '/build/RPMS/noarch/a\\nb.rpm', which the build gave, has a name that no package has."),
        ("strange", "%install\nsed 's/strange/stranger/' %{_specdir}/strange.spec | sed '/^%install/,/^%files/{/^%files/!d}' > s.spec\nrpmbuild -bb --define '_rpmdir %{_rpmdir}' s.spec\n%files\n", "REL3104 strange on local: the plan promises strange-1.0-1%{?dist}.noarch, strange-1.0-1%{?dist}.src, but the build gave strange-1.0-1.deb12.noarch, stranger-1.0-1.deb12.noarch, strange-1.0-1.deb12.src."),
        ("lingering", "%install\n(setsid sh -c 'trap \"\" TERM HUP; sleep @; sleep @' > /dev/null 2>&1 &)\n%files\n", "REL3102 lingering on local: the step 'build' ended and left processes running, which a build may not: "),
        ("empty", "%clean\nrm -f %{_rpmdir}/*/*.rpm %{_srcrpmdir}/*.rpm\n%files\n", "REL3104 empty on local: the plan promises empty-1.0-1%{?dist}.noarch, empty-1.0-1%{?dist}.src, but the build gave nothing."),
    ];

    /// <summary>In the command line of every process that could stay.</summary>
    private readonly string _mark = Random.Shared.Next(100_000, 999_999).ToString(CultureInfo.InvariantCulture);

    /// <summary>A project of all of them, with limits.</summary>
    public async Task<BuildProject> ProjectAsync()
    {
        var project = await BuildProject.OfSpecAsync("%files\n");
        var probe = project.Read("specs/probe.spec");
        foreach (var (name, sections, _) in Kinds)
        {
            project.Write($"specs/{name}.spec", probe.Replace("Name: probe", $"Name: {name}", StringComparison.Ordinal).Replace("%files\n", sections.Replace("@", _mark, StringComparison.Ordinal), StringComparison.Ordinal));
        }

        project.Write("release.toml", $"""
            [project]
            name = "bad"
            lockfiles = []

            [target.local]
            image = "rootfs:distro.tar"
            arch = ["x86_64"]
            prepare = ["true"]

            [limits]
            memory = "200M"
            pids = 64
            cpus = 1
            time = "5s"

            {string.Concat(Kinds.Select(kind => $"[[rpm]]\nname = \"{kind.Name}\"\nspec = \"specs/{kind.Name}.spec\"\n"))}
            """);
        return project;
    }

    /// <summary>The arguments that build them all.</summary>
    public static string[] Arguments => ["rpm", "--json", "--jobs", "4", .. Kinds.Select(kind => kind.Name)];

    /// <summary>What has to be so after the run.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="folder">Where the project lay.</param>
    /// <param name="ct">Ends it.</param>
    public async Task AssertRefusedAsync(Outcome outcome, string folder, CancellationToken ct)
    {
        Assert.AreEqual((int)ExitCode.BuildFailed, outcome.ExitCode, outcome.Error);
        var errors = BuildProject.Json(outcome.OutputBytes).GetProperty("results").EnumerateArray().ToDictionary(each => each.GetProperty("rpm").GetString()!, Say, StringComparer.Ordinal);
        foreach (var (name, _, says) in Kinds)
        {
            Assert.Contains(says, errors[name], StringComparison.Ordinal);
        }

        foreach (var log in Directory.EnumerateFiles(Path.Combine(folder, ".release/logs"), "*.log", SearchOption.AllDirectories))
        {
            Assert.StartsWith("[container] limits: 200 MiB of memory ", await File.ReadAllTextAsync(log, ct), StringComparison.Ordinal);
        }

        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder, "*.rpm", SearchOption.AllDirectories));
        Assert.DoesNotContain(_mark, (await Exec.RunAsync(new Command("ps", "-eo", "args"), ct)).Output, StringComparison.Ordinal);
    }

    private static string Say(JsonElement result) =>
        result.TryGetProperty("error", out var error) ? $"{error.GetProperty("id").GetString()} {error.GetProperty("text").GetString()}" : $"no error, {result.GetProperty("state").GetString()}";
}
