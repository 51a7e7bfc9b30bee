using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>A git repository in a folder of its own; no configuration of the machine reaches it.</summary>
public sealed class GitProject : IDisposable
{
    private readonly Scratch _scratch;
    private int _clock;

    private GitProject(Scratch scratch) => _scratch = scratch;

    /// <summary>Root of the work tree.</summary>
    public string Root => _scratch.Root;

    /// <summary>A new repository without commits, on branch <c>main</c>.</summary>
    public static async Task<GitProject> CreateAsync()
    {
        var project = new GitProject(new Scratch());
        await project.GitAsync("init", "-q", "-b", "main");
        return project;
    }

    /// <summary>The same repository and work tree elsewhere.</summary>
    public async Task<GitProject> CopyAsync() => new(await _scratch.CopyAsync()) { _clock = _clock };

    /// <summary>Writes a file; null removes it.</summary>
    public void Write(string path, string? text)
    {
        if (text is null)
        {
            File.Delete(_scratch[path]);
        }
        else
        {
            _scratch.Write(path, text);
        }
    }

    /// <summary>Commits everything, also when nothing changed, and gives the commit's id.</summary>
    public async Task<string> CommitAsync(string message)
    {
        await GitAsync("add", "-A");
        await GitAsync("commit", "-q", "--allow-empty", "-m", message);
        return (await GitAsync("rev-parse", "HEAD")).Trim();
    }

    /// <summary>Writes a file and commits it.</summary>
    public Task<string> CommitAsync(string path, string? text)
    {
        Write(path, text);
        return CommitAsync($"{path} changes");
    }

    /// <summary>Runs git and gives what it printed.</summary>
    public async Task<string> GitAsync(params string[] arguments)
    {
        // Commits of one second would have an order that only chance decides.
        var date = $"2025-01-01T00:{_clock / 60:00}:{_clock++ % 60:00}Z";
        var command = new Command("git", ["-C", Root, "-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", .. arguments])
            .With("GIT_CONFIG_NOSYSTEM", "1").With("GIT_CONFIG_GLOBAL", "/dev/null").With("GIT_AUTHOR_DATE", date).With("GIT_COMMITTER_DATE", date);
        return (await Exec.ReadAsync(command, CancellationToken.None)).Output;
    }

    public void Dispose() => _scratch.Dispose();
}
