using System.Diagnostics;
using DotnetRelease.Containers;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>Only what belongs to a process of this machine that is gone may be removed.</summary>
[TestClass]
public sealed class EngineOwnerTests
{
    [TestMethod]
    public void What_is_ours_and_alive_is_not_abandoned()
    {
        Assert.IsFalse(EngineOwner.IsAbandoned(EngineOwner.NewName()));
        Assert.IsFalse(EngineOwner.IsAbandoned(EngineOwner.NewName() + "-c17"));
        Assert.AreNotEqual(EngineOwner.NewName(), EngineOwner.NewName());
    }

    [TestMethod]
    public void What_a_process_left_that_is_gone_is_abandoned()
    {
        using var process = Process.Start(new ProcessStartInfo("true") { UseShellExecute = false })!;
        process.WaitForExit();

        Assert.IsTrue(EngineOwner.IsAbandoned(NameOf(process.Id)));
    }

    [TestMethod]
    public void A_number_that_another_process_has_now_does_not_keep_it() => Assert.IsTrue(EngineOwner.IsAbandoned(NameOf(Environment.ProcessId, start: "1")));

    [TestMethod]
    [DataRow("postgres")]
    [DataRow("dotnet-release")]
    [DataRow("dotnet-release-")]
    [DataRow("dotnet-release-000000000000-1-1-abc")]
    [DataRow("dotnet-release-notes")]
    public void What_others_made_is_not_ours_to_judge(string name) => Assert.IsFalse(EngineOwner.IsAbandoned(name));

    private static string NameOf(int process, string? start = null)
    {
        var parts = EngineOwner.NewName().Split('-');
        return string.Join('-', [.. parts[..3], process.ToString(System.Globalization.CultureInfo.InvariantCulture), start ?? parts[4], parts[5]]);
    }
}
