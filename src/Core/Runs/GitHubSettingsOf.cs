namespace DotnetRelease.Runs;

/// <summary><c>[github]</c> of a project, with paths of this machine.</summary>
internal sealed record GitHubSettingsOf(Workspace Workspace)
{
    /// <summary>Full path of the token file, or null. <c>~/</c> is the user's home.</summary>
    internal string? TokenFile => Workspace.Settings.GitHub.TokenFile switch
    {
        null => null,
        ['~', '/', .. var rest] => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), rest),
        var path => Workspace.Resolve(path),
    };
}
