using DotnetRelease.Http;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>Checks a repository by its address.</summary>
/// <param name="session">The run.</param>
/// <param name="trusted">Whose signature is expected.</param>
internal sealed class RepositoryUrl(Session session, RpmVerifier trusted)
{
    /// <summary>Read every package wholly.</summary>
    public bool Deep { get; init; }

    /// <summary>Whether a word is an address and not a path; a drive or a file of such a name would have to be written with <c>./</c>.</summary>
    public static bool Is(string word) => word.Contains("://", StringComparison.Ordinal) || word.StartsWith("file:", StringComparison.OrdinalIgnoreCase);

    public async Task<IEnumerable<VerifiedItem>> VerifyAsync(string text, CancellationToken ct)
    {
        using var door = new HttpDoor(HttpLimits.Default, session.Reporter);
        var request = new VerifyRequest(trusted) { Deep = Deep, Door = door };
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps && !url.IsFile))
        {
            return VerifyOutput.Items(session, await RepositoryVerifier.VerifyAsync(StoreAddress.Of(text), request, ct));
        }

        // The settings may know more about it: every target below it, its id, its old key addresses, and what the ledger saw.
        if (await Workspace.TryOpenAsync(session.Folder, session.Config, ct) is { } workspace && new RepositoryCheck(workspace, session.Reporter) is var check && check.Find(url) is { } choice)
        {
            return (await check.RunAsync(choice, request, ct)).SelectMany(report => VerifyOutput.Items(session, report.Report));
        }

        return VerifyOutput.Items(session, await RepositoryVerifier.VerifyAsync(url, request, ct));
    }
}
