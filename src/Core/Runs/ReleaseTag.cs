using System.Text.RegularExpressions;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs;

/// <summary>The tag that is released, the commit it stands for, and the version in its name.</summary>
/// <param name="Name">The tag.</param>
/// <param name="Commit">Full id.</param>
/// <param name="Version">By the project's pattern; the whole name when it has another form.</param>
public sealed partial record ReleaseTag(string Name, string Commit, string Version)
{
    /// <summary>Whether the version says that it comes before a release: <c>1.2.0-rc1</c>, <c>1.2.0b2</c>.</summary>
    public bool IsPrerelease => Preliminary().IsMatch(Version);

    /// <summary>
    /// Finds the tag: the one that was named, that of a CI job for a tag, or the only one at the current commit. Its commit is the
    /// tag's own, else the current one.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagUnnamed"/> or <see cref="Fault.RevisionUnknown"/>.</exception>
    public static async Task<ReleaseTag> FindAsync(Workspace workspace, string? named, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var git = new Git(workspace.Folder);
        var tag = Checked(named ?? OfJob() ?? await OnlyOneAsync(git, workspace.Settings.Project, ct));
        var known = (await git.FindObjectsAsync([$"refs/tags/{tag}^{{commit}}"], ct))[0];
        return new(tag, known?.Id ?? await git.ResolveCommitAsync("HEAD", ct), VersionOf(tag, workspace.Settings.Project));
    }

    /// <summary>The version in a tag of the project's form; the name itself when it has another one.</summary>
    internal static string VersionOf(string tag, ProjectSettings project) => TagPattern.Parse(project.TagPattern).Read(tag)?.Version ?? tag;

    private static string? OfJob() =>
        Environment.GetEnvironmentVariable("GITHUB_REF_TYPE") is "tag" ? Environment.GetEnvironmentVariable("GITHUB_REF_NAME") : null;

    private static async Task<string> OnlyOneAsync(Git git, ProjectSettings project, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(git.Command("for-each-ref", "--points-at", "HEAD", "--format=%(refname:strip=2)", "refs/tags"), ct);
        string[] tags = outcome.ExitCode is 0 ? outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        var pattern = TagPattern.Parse(project.TagPattern);
        string[] ours = [.. tags.Where(tag => pattern.Read(tag) is var (_, package) && (package is null || package == project.Name))];
        return ours switch
        {
            [var one] => one,
            [] => throw new ReleaseException(Fault.TagUnnamed, $"No tag of the form '{project.TagPattern}' is at the current commit.") { Remedy = "Name the tag: --tag v1.2.0" },
            _ => throw new ReleaseException(Fault.TagUnnamed, $"Several tags are at the current commit: {string.Join(", ", ours)}.") { Remedy = $"Name the one that is meant: --tag {ours[^1]}" },
        };
    }

    /// <summary>The characters that git itself refuses, and those that would end our marker.</summary>
    private static string Checked(string tag)
    {
        var isFine = tag.Length is > 0 and <= 200 && tag[0] is not ('-' or '/' or '.') && tag[^1] is not ('/' or '.') && !tag.Contains("..", StringComparison.Ordinal)
            && !tag.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || @"~^:?*[\<>@{}""'".Contains(c, StringComparison.Ordinal));
        return isFine ? tag : throw new ReleaseException(Fault.TagUnnamed, "What is named as the tag is no name of a tag.") { Remedy = "Name it as git does: --tag v1.2.0" };
    }

    [GeneratedRegex("^[0-9][0-9.]*[~.-]?(a|b|c|rc|alpha|beta|dev|pre|preview)[.-]?[0-9]*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Preliminary();
}
