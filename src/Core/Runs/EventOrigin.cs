using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>
/// The event that GitHub Actions runs us for. What a stranger proposes may be built, never together with a key or a token: commands that
/// use one ask here first.
/// </summary>
/// <param name="Name">Name of the event, <c>push</c>.</param>
/// <param name="PayloadPath">File with the event's JSON document, or null.</param>
/// <param name="Commit">The commit that the event is about; for events that run with the project's secrets, one of the project's own.</param>
public sealed record EventOrigin(string Name, string? PayloadPath, string? Commit)
{
    /// <summary>GitHub's own limit is 25 MB.</summary>
    private const int PayloadLimit = 25 * 1024 * 1024;

    /// <summary>Events that others cause and that run with the project's secrets all the same.</summary>
    private static readonly string[] OnBehalf = ["pull_request_target", "workflow_run", "issue_comment"];

    /// <summary>The event of this process; null outside of GitHub Actions.</summary>
    public static EventOrigin? FromEnvironment()
    {
        var name = Environment.GetEnvironmentVariable("GITHUB_EVENT_NAME");
        return string.IsNullOrEmpty(name)
            ? null
            : new(name, Environment.GetEnvironmentVariable("GITHUB_EVENT_PATH"), Environment.GetEnvironmentVariable("GITHUB_SHA"));
    }

    /// <summary>Ends a command that uses keys or tokens when the event does not allow it; does nothing outside of GitHub Actions.</summary>
    /// <param name="command">What was asked for, for the message.</param>
    /// <param name="folder">Full path of the folder the command works in.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.EventUntrusted"/>.</exception>
    public static async Task RequireTrustedAsync(string command, string folder, CancellationToken ct)
    {
        if (FromEnvironment() is { } origin && await origin.DistrustAsync(folder, ct) is { } reason)
        {
            throw new ReleaseException(Fault.EventUntrusted, $"'{command}' does not run in the event '{origin.Name}': {reason}.");
        }
    }

    /// <summary>Why the files in a folder may not be used together with secrets, as the end of a sentence; null when they may.</summary>
    public async Task<string?> DistrustAsync(string folder, CancellationToken ct)
    {
        if (IsAboutPullRequest || OnBehalf.Contains(Name, StringComparer.Ordinal))
        {
            if (ReadFork() is { } reason)
            {
                return reason;
            }
        }

        if (!OnBehalf.Contains(Name, StringComparer.Ordinal))
        {
            return null;
        }

        if (await new Git(folder).FindRootAsync(ct) is null)
        {
            return "git does not say which commit the files are from, and the event runs with the project's secrets";
        }

        var head = await new Git(folder).ResolveCommitAsync("HEAD", ct);
        return head == Commit ? null : $"the work tree is at {head} and not at the project's own {Commit ?? "commit"}, and the event runs with the project's secrets";
    }

    private bool IsAboutPullRequest => Name.StartsWith("pull_request", StringComparison.Ordinal);

    /// <summary>Looks for a fork in the payload. What cannot be read is not trusted.</summary>
    private string? ReadFork()
    {
        try
        {
            var file = new FileInfo(PayloadPath ?? "");
            if (file.Length > PayloadLimit)
            {
                return $"its payload is larger than {PayloadLimit} bytes";
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            var root = document.RootElement;
            if (IsAboutPullRequest)
            {
                var request = root.GetProperty("pull_request");
                return Compare(Repository(request.GetProperty("head"), "repo"), Repository(request.GetProperty("base"), "repo"));
            }

            return root.TryGetProperty("workflow_run", out var run)
                ? Compare(Repository(run, "head_repository"), Repository(run, "repository") ?? Repository(root, "repository"))
                : null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return $"its payload ('{PayloadPath}') does not say which repository the changes come from";
        }
    }

    private static string? Compare(string? head, string? own) => (head, own) switch
    {
        (null, _) => "the changes come from a repository that is gone",
        (_, null) => "the payload does not name the project's own repository",
        _ when string.Equals(head, own, StringComparison.OrdinalIgnoreCase) => null,
        _ => $"the changes come from {head}, which is not {own}",
    };

    private static string? Repository(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var repository) && repository.ValueKind is JsonValueKind.Object && repository.GetProperty("full_name").GetString() is { Length: > 0 } full
            ? full
            : null;
}
