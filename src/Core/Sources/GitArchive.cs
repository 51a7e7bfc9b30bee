using System.Globalization;
using System.Text;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Sources;

/// <summary>
/// The tree of a commit as a tar archive. It is made from git's objects and not by <c>git archive</c>, whose bytes depend on its version, on
/// <c>tar.umask</c>, and on attributes: whoever has the commit gets the same bytes, today and in ten years. They are those of
/// <c>git archive --format=tar</c> where no attribute changes a file.
/// </summary>
/// <param name="Git">The repository; nothing that it configures is obeyed.</param>
/// <param name="Commit">Full id.</param>
/// <param name="Prefix">Name of the folder that everything is in.</param>
public sealed record GitArchive(Git Git, string Commit, string Prefix)
{
    private const int EntryLimit = 1_000_000;

    /// <summary>A file of the tree is read into memory.</summary>
    private const long FileLimit = 1024L * 1024 * 1024;

    private const int LfsPointerLimit = 1024;

    private static readonly byte[] LfsPointer = [.. "version https://git-lfs.github.com/spec/v1\n"u8];

    /// <summary>Whether a file name says that it is such an archive.</summary>
    public static bool IsName(string file) => StemOf(file) is not null;

    /// <summary>The name without its ending; null when it has another one than <c>.tar</c>, <c>.tar.gz</c> or <c>.tgz</c>.</summary>
    public static string? StemOf(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var ending = Array.Find([".tar", ".tar.gz", ".tgz"], ending => file.EndsWith(ending, StringComparison.Ordinal) && file.Length > ending.Length);
        return ending is null ? null : file[..^ending.Length];
    }

    /// <summary>The time of the commit.</summary>
    public async Task<DateTimeOffset> ReadTimeAsync(CancellationToken ct)
    {
        var time = await Exec.ReadAsync(Git.Command("rev-list", "--max-count=1", "--no-commit-header", "--format=%ct", Commit), ct);
        return DateTimeOffset.FromUnixTimeSeconds(long.Parse(time.Output, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));
    }

    /// <summary>Writes the archive, compressed where the file's name says so.</summary>
    /// <param name="path">Of a new file, whose name says whether it is compressed; what is there after a failure is not whole.</param>
    /// <param name="ct">Ends git.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceTreeRefused"/>: not all of the source is in this repository, or too much; <see cref="Fault.WriteFailed"/>.</exception>
    public async Task WriteAsync(string path, CancellationToken ct)
    {
        try
        {
            await WriteEntriesAsync(path, ct);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"'{path}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }

    private async Task WriteEntriesAsync(string path, CancellationToken ct)
    {
        var listed = await Exec.ReadAsync(Git.Command("ls-tree", "-r", "-t", "-l", "-z", "--full-tree", Commit), ct);
        var entries = Read(listed);
        var form = new TarForm((await ReadTimeAsync(ct)).ToUnixTimeSeconds());
        using var tar = new TarFile(path);
        tar.Add(form.Commit(Commit));
        tar.Add(form.Entry(new GitTreeEntry(GitTreeEntry.Folder, Commit, 0, ""), $"{Prefix}/", ""));
        await using var reader = Git.OpenReader();
        foreach (var entry in entries)
        {
            ct.ThrowIfCancellationRequested();
            var content = entry.Type is GitTreeEntry.Folder ? default : await reader.ReadAsync(entry.Blob, ct);
            RefusePointer(entry, content.Span);
            var isLink = entry.Type is GitTreeEntry.Link;
            tar.Add(form.Entry(entry, $"{Prefix}/{entry.Path}{(entry.Type is GitTreeEntry.Folder ? "/" : "")}", isLink ? Encoding.Latin1.GetString(content.Span) : ""));
            if (entry.IsFile)
            {
                tar.Add(content.Span);
                tar.Add(TarForm.Padding(content.Length));
            }
        }

        tar.End();
    }

    private List<GitTreeEntry> Read(Outcome listed)
    {
        List<GitTreeEntry> entries;
        try
        {
            entries = GitTreeEntry.ReadAll(listed.OutputBytes.Span);
        }
        catch (FormatException ex)
        {
            throw Refused($"its tree cannot be archived: {ex.Message}", "Do not build it.");
        }

        if (entries.Where(entry => entry.Type is GitTreeEntry.Submodule).Select(entry => entry.Path).ToList() is { Count: > 0 } modules)
        {
            throw Refused(
                $"it has submodules ({string.Join(", ", modules.Take(5))}), whose files are in other repositories",
                "Make one source of each repository, or take the archive that the project publishes.");
        }

        if (entries.Find(entry => entry.Size > FileLimit) is { } large)
        {
            throw Refused($"'{large.Path}' has {large.Size} bytes; at most {FileLimit} are taken", "Take the archive that the project publishes.");
        }

        var bytes = entries.Sum(entry => entry.Size);
        return entries.Count <= EntryLimit && bytes <= ContentCache.UnknownSizeLimit
            ? entries
            : throw Refused($"it has {entries.Count} entries and {bytes} bytes; at most {EntryLimit} and {ContentCache.UnknownSizeLimit} are archived", "Take the archive that the project publishes.");
    }

    private void RefusePointer(GitTreeEntry entry, ReadOnlySpan<byte> content)
    {
        if (entry.IsFile && content.Length < LfsPointerLimit && content.StartsWith(LfsPointer))
        {
            throw Refused($"'{entry.Path}' is only a pointer to a file in Git LFS", "Take the archive that the project publishes.");
        }
    }

    private ReleaseException Refused(string why, string remedy) => new(Fault.SourceTreeRefused, $"No archive of commit {Commit} is made: {why}.") { Remedy = remedy };
}
