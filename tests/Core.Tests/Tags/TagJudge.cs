using DotnetRelease.Fixtures;
using DotnetRelease.Runs;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Asks the gate about the tag of a project, as <c>tag verify</c> does.</summary>
internal static class TagJudge
{
    internal static async Task<TagVerdict> AcceptAsync(TagProject project, TagRequest? request = null) =>
        await (await RunAsync(project)).VerifyAsync(request ?? new("v1.0.0"), CancellationToken.None);

    /// <summary>The tag has to be refused with exit 4, for this reason, in these words; and the ledger has to know.</summary>
    internal static async Task<ReleaseException> RefuseAsync(TagProject project, Fault fault, string words, TagRequest? request = null)
    {
        var run = await RunAsync(project);

        var refusal = await Assert.ThrowsExactlyAsync<ReleaseException>(() => run.VerifyAsync(request ?? new("v1.0.0"), CancellationToken.None));

        Assert.AreEqual(fault, refusal.Fault, refusal.Message);
        Assert.AreEqual(ExitCode.Refused, refusal.Fault.Exit);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"tag-refused\"", project.Ledger, StringComparison.Ordinal);
        Assert.Contains(fault.Id, project.Ledger, StringComparison.Ordinal);
        return refusal;
    }

    internal static async Task<TagRun> RunAsync(TagProject project) => new(await Workspace.OpenAsync(project.Root, null, CancellationToken.None), new ListReporter());
}
