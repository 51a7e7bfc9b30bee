extern alias holder;

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using holder::DotnetRelease.Holder;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>The table of calls against the kernel's headers and podman's profile, where they are installed.</summary>
[TestClass]
public sealed partial class SystemCallTableTests
{
    private const string X64Header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
    private const string GenericHeader = "/usr/include/asm-generic/unistd.h";
    private const string PodmanProfile = "/usr/share/containers/seccomp.json";

    private static List<SystemCall> All =>
        [.. SystemCallTable.Read(SystemCallTable.Allowed), .. SystemCallTable.Read(SystemCallTable.Refused), .. SystemCallTable.Read(SystemCallTable.Examined)];

    [TestMethod]
    public void Each_call_is_there_once()
    {
        CollectionAssert.AllItemsAreUnique(All.Select(call => call.Name).ToArray());
        CollectionAssert.AllItemsAreUnique(All.Where(call => call.X64 >= 0).Select(call => call.X64).ToArray());
        CollectionAssert.AllItemsAreUnique(All.Where(call => call.Arm64 >= 0).Select(call => call.Arm64).ToArray());
    }

    [TestMethod]
    public void The_numbers_are_the_kernels()
    {
        if (!File.Exists(X64Header) || !File.Exists(GenericHeader))
        {
            Assert.Inconclusive("The headers of an x86-64 kernel are not installed (linux-libc-dev).");
        }

        var x64 = NumbersIn(X64Header);
        var arm64 = NumbersIn(GenericHeader);
        foreach (var call in All)
        {
            // A call that the header does not know yet is the newer kernel's.
            Assert.AreEqual(x64.GetValueOrDefault(call.Name, call.X64), call.X64, call.Name);
            Assert.AreEqual(arm64.GetValueOrDefault(call.Name, call.Arm64), call.Arm64, call.Name);
            Assert.IsTrue(x64.ContainsKey(call.Name) || arm64.ContainsKey(call.Name) || call.X64 > x64.Values.Max() || call.Name is "uretprobe", call.Name);
        }
    }

    [TestMethod]
    public void What_podman_allows_and_we_do_not_is_known_and_the_other_way_round_is_newer_than_its_profile()
    {
        if (!File.Exists(PodmanProfile))
        {
            Assert.Inconclusive("podman's profile is not installed (golang-github-containers-common).");
        }

        using var profile = JsonDocument.Parse(File.ReadAllBytes(PodmanProfile));
        var rules = profile.RootElement.GetProperty("syscalls").EnumerateArray().ToArray();
        var podman = rules.Where(IsForEverybody).SelectMany(NamesOf).ToHashSet(StringComparer.Ordinal);
        var refused = rules.Where(rule => !IsAllow(rule)).SelectMany(NamesOf).Except(podman, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var ours = SystemCallTable.Read(SystemCallTable.Allowed);

        var stricter = SystemCallTable.Read(SystemCallTable.Refused).Select(call => call.Name).Where(podman.Contains);
        var wider = ours.Where(call => !podman.Contains(call.Name)).Select(call => call.Name);

        CollectionAssert.IsSubsetOf(
            stricter.ToArray(),
            "fsconfig fsmount fsopen fspick keyctl modify_ldt mount mount_setattr move_mount open_tree open_tree_attr pivot_root reboot setns syslog umount2 unshare".Split(' '));

        // chroot: podman allows it with the capability, which our default has.
        CollectionAssert.IsSubsetOf(
            wider.ToArray(),
            "cachestat chroot fchmodat2 futex_requeue futex_wait futex_waitv futex_wake getxattrat listxattrat map_shadow_stack mseal removexattrat setxattrat uretprobe".Split(' '));
        CollectionAssert.AreEqual(new[] { "chroot" }, ours.Select(call => call.Name).Where(refused.Contains).ToArray());
    }

    private static bool IsAllow(JsonElement rule) => rule.GetProperty("action").GetString() is "SCMP_ACT_ALLOW";

    private static bool IsForEverybody(JsonElement rule) =>
        IsAllow(rule) && !(rule.TryGetProperty("includes", out var includes) && includes.ValueKind is JsonValueKind.Object && includes.TryGetProperty("caps", out _));

    private static IEnumerable<string> NamesOf(JsonElement rule) => rule.GetProperty("names").EnumerateArray().Select(name => name.GetString()!);

    private static Dictionary<string, int> NumbersIn(string header)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Match line in Definition().Matches(File.ReadAllText(header)))
        {
            // The generic header names the calls that differ between 32 and 64 bits by their number first.
            var name = line.Groups["name"].Value;
            numbers[name is "fstatat" ? "newfstatat" : name] = int.Parse(line.Groups["number"].Value, CultureInfo.InvariantCulture);
        }

        return numbers;
    }

    [GeneratedRegex(@"^#define __NR(3264)?_(?<name>\w+) (?<number>\d+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Definition();
}
