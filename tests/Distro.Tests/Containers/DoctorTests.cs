using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary><c>doctor</c> on a machine where containers work, as root and as an ordinary user, and as somebody who has no ids.</summary>
[TestClass]
public sealed class DoctorTests(TestContext test)
{
    private const int Patience = 120_000;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("us")]
    [DataRow("ordinary")]
    public async Task Where_containers_run_every_piece_of_them_is_well_and_nothing_is_left(string who)
    {
        await using var person = who is "us" ? Person.Us() : await Person.OrdinaryAsync(Ct);

        var outcome = await Exec.RunAsync(person.Tool("doctor", "--json"), Ct);

        using var document = JsonDocument.Parse(outcome.OutputBytes);
        var checks = document.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, StringComparer.Ordinal);
        foreach (var name in (string[])["kernel", "clock", "bubblewrap", "seccomp", "user namespaces", "id maps", "overlay", "sandbox", "network namespace"])
        {
            Assert.IsTrue(checks[name].GetProperty("ok").GetBoolean(), $"{name}: {checks[name].GetProperty("found").GetString()}");
            Assert.AreEqual("", checks[name].GetProperty("fix").GetString());
        }

        Assert.IsEmpty(person.Layers());
        Assert.IsEmpty(person.Sessions());
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task Who_has_no_ids_is_told_the_line_that_gives_some()
    {
        if (!Person.AreWeRoot)
        {
            Assert.Inconclusive("Only root can become somebody without ids.");
        }

        await using var person = await Person.NobodyAsync(Ct);

        var outcome = await Exec.RunAsync(person.Tool("doctor"), Ct);

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        StringAssert.Matches(outcome.Output, new(@"fails +id maps .*\n +fix: sudo usermod --add-subuids (\d+-\d+) --add-subgids \1 nobody"));
    }
}
