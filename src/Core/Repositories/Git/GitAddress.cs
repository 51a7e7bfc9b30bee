using System.Text.RegularExpressions;
using System.Web;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories.Ssh;

namespace DotnetRelease.Repositories.Git;

/// <summary>
/// A folder of a branch in a git repository whose packages lie in Git LFS: <c>git+https://HOST/PATH[?branch=B][&amp;folder=F][&amp;pull-request=true]</c>, also
/// <c>git+ssh</c> and <c>git+file</c>.
/// </summary>
/// <param name="Remote">What git itself is given.</param>
public sealed partial record GitAddress(string Remote) : StoreAddress
{
    private const string Prefix = "git+";

    /// <summary>The branch that is read and written; null: the remote's default branch.</summary>
    public string? Branch { get; init; }

    /// <summary>Folder of the repository inside the work tree; empty for the root.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The branch is not written; a new one is pushed, for a pull request.</summary>
    public bool PullRequest { get; init; }

    /// <summary>ssh's <c>-F</c>; null: the user's own configuration.</summary>
    public string? SshConfig { get; init; }

    /// <summary>Where LFS objects go: beside the remote, whatever a file in the repository says.</summary>
    internal string LfsUrl => Remote.StartsWith("http", StringComparison.Ordinal) ? $"{(Remote.EndsWith(".git", StringComparison.Ordinal) ? Remote : Remote + ".git")}/info/lfs" : Remote;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{Remote}{(Branch is null ? "" : $"?branch={Branch}")}{(Folder.Length > 0 ? $" {Folder}" : "")}";

    /// <summary>Reads a URL of one of the schemes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    internal static GitAddress Parse(string text)
    {
        if (!Uri.TryCreate(text[Prefix.Length..], UriKind.Absolute, out var url) || url.Fragment.Length > 0 || url.AbsolutePath.Trim('/').Length is 0 || text.Any(c => char.IsControl(c) || c is ' ')
            || (url.Scheme is not "file" && !SafeHost().IsMatch(url.DnsSafeHost)))
        {
            throw Invalid(text, "has to be git+https://HOST/PATH, git+ssh://[USER@]HOST/PATH or git+file:///PATH");
        }

        var options = HttpUtility.ParseQueryString(url.Query);
        if (options.AllKeys.FirstOrDefault(key => key is not ("branch" or "folder" or "pull-request")) is { } unknown)
        {
            throw Invalid(text, $"has the option '{unknown}'; known are branch, folder and pull-request");
        }

        var (branch, folder, request) = (options["branch"], options["folder"]?.Trim('/') ?? "", options["pull-request"] ?? "false");
        if ((branch is not null && !SafeBranch().IsMatch(branch)) || (folder.Length > 0 && !RepositoryPath.IsSafe(folder)) || request is not ("true" or "false"))
        {
            throw Invalid(text, "has a branch, a folder or a pull-request (true or false) that is not usable");
        }

        return new GitAddress(url.GetLeftPart(UriPartial.Path))
        {
            Branch = branch,
            Folder = folder,
            PullRequest = request is "true",
            SshConfig = Environment.GetEnvironmentVariable(SshAddress.ConfigVariable) is { Length: > 0 } config ? config : null,
        };
    }

    /// <inheritdoc/>
    internal override StoreAddress Below(string layout) => layout.Length is 0 ? this : this with { Folder = $"{Folder}/{layout}".Trim('/') };

    /// <inheritdoc/>
    internal override IRepositoryStore Open() => new GitStore(this);

    /// <summary>The page on which a person makes a pull request of a branch; null for hosts that have no such page that we know.</summary>
    internal string? PullRequestPage(string from, string into)
    {
        if (!Uri.TryCreate(Remote, UriKind.Absolute, out var url) || url.Scheme is "file" || url.IsLoopback)
        {
            return null;
        }

        var project = url.AbsolutePath.EndsWith(".git", StringComparison.Ordinal) ? url.AbsolutePath[..^".git".Length] : url.AbsolutePath.TrimEnd('/');
        return url.Host.Contains("gitlab", StringComparison.Ordinal)
            ? $"https://{url.Host}{project}/-/merge_requests/new?merge_request%5Bsource_branch%5D={Uri.EscapeDataString(from)}&merge_request%5Btarget_branch%5D={Uri.EscapeDataString(into)}"
            : $"https://{url.Host}{project}/compare/{into}...{from}?expand=1";
    }

    private static ReleaseException Invalid(string text, string why) => new(Fault.SettingsInvalid, $"'{text}' {why}.");

    [GeneratedRegex(@"^[A-Za-z0-9_:\[][A-Za-z0-9._:\]-]{0,254}\z")]
    private static partial Regex SafeHost();

    /// <summary>What git allows as a branch, and nothing that means more to it than a name.</summary>
    [GeneratedRegex(@"^(?!.*(\.\.|//|/\.|\.lock(/|\z)|[./]\z))[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex SafeBranch();
}
