using System.Text;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.GitHub;

/// <summary>
/// Where a token is looked for, in this order: the file that the user named, <c>GITHUB_TOKEN</c>, <c>GH_TOKEN</c>, the file of the
/// settings, and what <c>gh</c> has for the host. Never the command line: everybody can read that.
/// </summary>
/// <param name="Host">For <c>gh</c>.</param>
public sealed record TokenSearch(string Host)
{
    private static readonly string[] Variables = ["GITHUB_TOKEN", "GH_TOKEN"];

    /// <summary>Full path of the file that the user named, or null.</summary>
    public string? NamedFile { get; init; }

    /// <summary>Full path of the file that the settings name, or null.</summary>
    public string? SettingsFile { get; init; }

    /// <summary>Looks in one place after the other.</summary>
    /// <returns>The token, or null when there is none anywhere.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubTokenUnusable"/> or <see cref="Fault.FileUnreadable"/>.</exception>
    public async Task<GitHubToken?> FindAsync(CancellationToken ct)
    {
        if (NamedFile is not null)
        {
            return await ReadAsync(NamedFile, ct);
        }

        foreach (var variable in Variables)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
            {
                return GitHubToken.Of(value, variable);
            }
        }

        return SettingsFile is not null ? await ReadAsync(SettingsFile, ct) : await AskGhAsync(ct);
    }

    /// <summary>The same for who cannot go on without one.</summary>
    /// <exception cref="ReleaseException">Also <see cref="Fault.GitHubUnauthorized"/>.</exception>
    public async Task<GitHubToken> RequireAsync(CancellationToken ct) => await FindAsync(ct)
        ?? throw new ReleaseException(Fault.GitHubUnauthorized, $"There is no token for {Host}: not in GITHUB_TOKEN or GH_TOKEN, in no file, and 'gh auth token' has none.")
        {
            Remedy = "Write one to a file that only you can read, and name it: --token-file FILE (chmod 600 FILE).",
        };

    /// <summary>Case 84: a file that others can read, or that another user can change, is no place for a token.</summary>
    private static async Task<GitHubToken> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            if (Objection(file, path) is { } objection)
            {
                throw new ReleaseException(Fault.GitHubTokenUnusable, $"The token file '{path}' {objection}. The token was not used.")
                {
                    Remedy = $"chmod 600 '{path}'",
                };
            }

            var bytes = new byte[GitHubToken.LengthLimit + 2];
            var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            return GitHubToken.Of(Encoding.Latin1.GetString(bytes, 0, count), $"the file '{path}'");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The token file '{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    /// <summary>Asked of the open file, so that nobody can exchange it in between.</summary>
    private static string? Objection(FileStream file, string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        var mode = File.GetUnixFileMode(file.SafeFileHandle);
        if ((mode & others) is not UnixFileMode.None)
        {
            return $"can be read or changed by others (mode {Convert.ToString((int)mode, 8)})";
        }

        return Libc.OwnerOf(file.SafeFileHandle) is { } owner && owner != Libc.Self ? $"belongs to another user (id {owner})" : null;
    }

    private async Task<GitHubToken?> AskGhAsync(CancellationToken ct)
    {
        if (Exec.Find("gh") is not { } gh)
        {
            return null;
        }

        var outcome = await Exec.RunAsync(new Command(gh, "auth", "token", "--hostname", Host), ct);
        return outcome.ExitCode is 0 && outcome.Output.Trim() is { Length: > 0 } token ? GitHubToken.Of(token, "'gh auth token'") : null;
    }
}
