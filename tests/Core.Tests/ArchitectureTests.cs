using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests;

/// <summary>The rooms of Core and who may use whom. An arrow that is not here is a decision nobody made.</summary>
[TestClass]
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Processes"] = ["Storage"],
        ["Storage"] = [],
        ["Toml"] = [],
        ["Http"] = ["Storage"],
        ["Lockfiles"] = ["Toml"],
        ["Specs"] = ["Lockfiles"],
        ["Planning"] = ["Toml", "Lockfiles", "Specs"],
        ["Sources"] = ["Processes", "Storage", "Http", "Planning"],
        ["WheelFiles"] = [],
        ["NewSpecs"] = ["Lockfiles", "Specs", "WheelFiles"],
        ["Images"] = ["Storage", "Http"],
        ["Containers"] = ["Processes", "Images", "Storage"],
        ["OpenPgp"] = [],
        ["Rpm"] = ["Processes", "Storage", "OpenPgp"],
        ["Building"] = ["Planning", "Sources", "Containers", "Images", "Rpm", "Storage"],
        ["Metadata"] = ["Rpm", "Storage"],
        ["Repositories"] = ["Processes", "Storage", "Http", "OpenPgp", "Rpm", "Metadata", "Facts"],
        ["Facts"] = ["Storage"],
        ["Tags"] = ["Processes", "Toml", "Specs", "OpenPgp", "Rpm"],
        ["GitHub"] = ["Storage", "Http", "Processes"],
        ["Runs"] = ["*"],
    };

    [TestMethod]
    public void Every_room_uses_only_the_rooms_it_may()
    {
        var arrows =
            from file in Directory.EnumerateFiles(Checkout.At("src", "Core"), "*.cs", SearchOption.AllDirectories)
            let room = Room(file)
            where room is not ("bin" or "obj")
            from used in UsedRooms(File.ReadAllText(file))
            where used != room
            where !(Allowed.TryGetValue(room, out var may) && (may.Contains("*") || may.Contains(used)))
            select $"{Path.GetRelativePath(Checkout.Root, file)} uses {used}";

        Assert.AreEqual("", string.Join('\n', arrows.Distinct()));
    }

    [TestMethod]
    public void Nothing_in_Core_uses_the_doctor_but_himself()
    {
        var patients =
            from file in Directory.EnumerateFiles(Checkout.At("src", "Core"), "*.cs", SearchOption.AllDirectories)
            where Room(file) is not ("bin" or "obj") && File.ReadAllText(file).Contains("\nusing DotnetRelease.Runs.Doctor", StringComparison.Ordinal)
            select Path.GetRelativePath(Checkout.Root, file);

        Assert.AreEqual("", string.Join('\n', patients));
    }

    [TestMethod]
    public void Every_room_is_known()
    {
        var rooms = Directory.EnumerateDirectories(Checkout.At("src", "Core")).Select(Path.GetFileName).Except(["bin", "obj"]);

        CollectionAssert.IsSubsetOf(rooms.ToList(), Allowed.Keys.ToList());
    }

    [TestMethod]
    public void The_doors_hold_no_rule_and_Core_knows_no_console()
    {
        var offenders =
            from file in Directory.EnumerateFiles(Checkout.At("src", "Core"), "*.cs", SearchOption.AllDirectories)
            where Room(file) is not ("bin" or "obj")
            where ConsoleUse().IsMatch(File.ReadAllText(file))
            select Path.GetRelativePath(Checkout.Root, file);

        Assert.AreEqual("", string.Join('\n', offenders));
    }

    private static string Room(string file)
    {
        var parts = Path.GetRelativePath(Checkout.At("src", "Core"), file).Split('/');
        return parts.Length > 1 ? parts[0] : "(root)";
    }

    private static IEnumerable<string> UsedRooms(string text) =>
        UsingLine().Matches(text).Select(match => match.Groups["room"].Value);

    [GeneratedRegex(@"^using (static )?DotnetRelease\.(?<room>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"\bConsole\.|System\.CommandLine|Spectre\.Console|Microsoft\.Build", RegexOptions.ExplicitCapture)]
    private static partial Regex ConsoleUse();
}
