using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.GitHub;

namespace DotnetRelease.Runs;

/// <summary>The notes of a release, and where each part comes from.</summary>
/// <param name="Text">Markdown.</param>
/// <param name="Sources">One sentence for each source.</param>
public sealed record ReleaseNotes(string Text, ImmutableArray<string> Sources);

/// <summary>Puts the notes together: a section of the changelog, merged pull requests, or a template that has both.</summary>
/// <param name="workspace">The project.</param>
public sealed class NotesRun(Workspace workspace)
{
    private const string ChangelogName = "CHANGELOG.md";
    private const long SizeLimit = 16 * 1024 * 1024;

    /// <summary>GitHub takes so many characters, and cuts nothing.</summary>
    private const int TextLimit = 125_000;

    /// <summary>Writes the notes.</summary>
    /// <param name="tag">Of which release.</param>
    /// <param name="from"><c>changelog</c>, <c>pulls</c>, or the path of a template; null: what the settings say, else the changelog where it has the version.</param>
    /// <param name="connect">Opens the way to GitHub; only called for pull requests.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.NotesMissing"/>, <see cref="Fault.FileUnreadable"/>, and what GitHub says.</exception>
    public async Task<ReleaseNotes> WriteAsync(ReleaseTag tag, string? from, Func<Task<GitHubSession>> connect, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(tag);
        ArgumentNullException.ThrowIfNull(connect);
        var notes = (from ?? workspace.Settings.GitHub.Notes) switch
        {
            null when !File.Exists(workspace.Resolve(ChangelogName)) => new("", [$"There is no {ChangelogName}, so there are no notes."]),
            null or "changelog" => await FromChangelogAsync(tag, ct),
            "pulls" => await FromPullsAsync(tag, connect, ct),
            var template => await FromTemplateAsync(template, tag, connect, ct),
        };
        return notes.Text.Length <= TextLimit
            ? notes
            : throw new ReleaseException(Fault.NotesMissing, $"The notes have {notes.Text.Length} characters; GitHub takes {TextLimit}.") { Remedy = "Shorten them." };
    }

    private async Task<ReleaseNotes> FromChangelogAsync(ReleaseTag tag, CancellationToken ct)
    {
        var changelog = new Changelog(await ReadAsync(ChangelogName, ct));
        var section = changelog.Find(tag.Version) ?? throw new ReleaseException(Fault.NotesMissing, $"{ChangelogName} has no section for {tag.Version}.")
        {
            Remedy = $"Its headings are: {string.Join(" | ", changelog.Titles().Take(8))}. Add the section, or take the notes from elsewhere: --from pulls",
        };
        return new(section.Text, [$"Changelog: the section of {tag.Version}, lines {section.First} to {section.Last} of {ChangelogName}."]);
    }

    private static async Task<ReleaseNotes> FromPullsAsync(ReleaseTag tag, Func<Task<GitHubSession>> connect, CancellationToken ct)
    {
        var session = await connect();
        var last = (await session.Releases.ListAsync(ct)).Where(release => !release.IsDraft && release.Tag != tag.Name && release.Published is not null).MaxBy(release => release.Published);
        var pulls = await session.History.MergedAsync(last?.Published, ct);
        var since = last is null ? "ever" : string.Create(CultureInfo.InvariantCulture, $"since {last.Tag} of {last.Published:yyyy-MM-dd HH:mm}Z");
        return new(NotesTemplate.Of(pulls), [$"Pull requests: {pulls.Length} merged {since}, {pulls.Sum(pull => pull.Fixes.Length)} issues fixed by them."]);
    }

    private async Task<ReleaseNotes> FromTemplateAsync(string path, ReleaseTag tag, Func<Task<GitHubSession>> connect, CancellationToken ct)
    {
        var template = new NotesTemplate(await ReadAsync(path, ct));
        var nothing = new ReleaseNotes("", []);
        var changelog = template.Places.Contains("changelog") ? await FromChangelogAsync(tag, ct) : nothing;
        var pulls = template.Places.Contains("pulls") ? await FromPullsAsync(tag, connect, ct) : nothing;
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["tag"] = tag.Name,
            ["version"] = tag.Version,
            ["project"] = workspace.Settings.Project.Name,
            ["changelog"] = changelog.Text,
            ["pulls"] = pulls.Text,
        };
        return new(template.Fill(values), [$"Template: {path}.", .. changelog.Sources, .. pulls.Sources]);
    }

    private async Task<string> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            var file = new FileInfo(workspace.Resolve(path));
            return file.Length <= SizeLimit
                ? await File.ReadAllTextAsync(file.FullName, ct)
                : throw new ReleaseException(Fault.InputTooLarge, $"The file has {file.Length} bytes; at most {SizeLimit} are read.", new(path));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }
}
