using System.Collections.Immutable;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>What a detection depends on, for who asks by the times of files whether it could come out differently.</summary>
/// <param name="Files">Full paths: settings, lockfiles, and sides that are files; those that are there.</param>
/// <param name="Commits">What HEAD and sides that are revisions stand for now, empty for one that git does not know; none outside of git.</param>
public sealed record DetectInputs(ImmutableArray<string> Files, ImmutableArray<string> Commits)
{
    /// <summary>Finds them. Nothing but names is read.</summary>
    public static async Task<DetectInputs> FindAsync(DetectionRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);

        // The settings are shown from where the user works; when they decide what is compared, they lie in the folder of the request.
        var settings = request.Rules?.Settings.Path;
        IEnumerable<string?> named = [settings, Path.GetFileName(settings), .. Detector.Lockfiles(request), request.From, request.To];
        var files = named.OfType<string>().Select(path => Path.GetFullPath(path, request.Folder)).Where(File.Exists).Distinct(StringComparer.Ordinal);
        var git = new Git(request.Folder);
        string[] revisions = ["HEAD^{commit}", .. new[] { request.From, request.To }.OfType<string>().Where(side => !request.IsFile(side)).Select(side => $"{side}^{{commit}}")];
        return new(
            [.. files.Order(StringComparer.Ordinal)],
            await git.FindRootAsync(ct) is null ? [] : [.. (await git.FindObjectsAsync(revisions, ct)).Select(commit => commit?.Id ?? "")]);
    }
}
