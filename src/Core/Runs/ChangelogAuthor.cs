using DotnetRelease.Processes;
using DotnetRelease.Specs;

namespace DotnetRelease.Runs;

/// <summary>Finds out who writes a changelog entry.</summary>
/// <param name="Folder">Whose git configuration counts.</param>
/// <param name="Date">Day of the entry.</param>
internal sealed record ChangelogAuthor(string Folder, DateOnly Date)
{
    /// <summary><c>Name &lt;mail&gt;</c>; null: as git knows the user.</summary>
    public string? Packager { get; init; }

    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/> or <see cref="Fault.AnswerNeeded"/>.</exception>
    public async Task<SpecAuthor> FindAsync(CancellationToken ct)
    {
        if (Packager is not null)
        {
            return SpecAuthor.TryParse(Packager, Date)
                ?? throw new ReleaseException(Fault.Usage, $"--packager '{Packager}' is not of the form 'Name <mail>'.");
        }

        var git = new Git(Folder);
        var (name, mail) = (await ConfigAsync(git, "user.name", ct), await ConfigAsync(git, "user.email", ct));
        return SpecAuthor.TryParse($"{name} <{mail}>", Date)
            ?? throw new ReleaseException(Fault.AnswerNeeded, "The changelog entry needs a name and a mail address, and git knows none.")
            {
                Remedy = "Set them (git config user.name NAME; git config user.email MAIL), or pass --packager 'NAME <MAIL>'.",
            };
    }

    private static async Task<string> ConfigAsync(Git git, string key, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(git.Command("config", "--get", key), ct);
        return outcome.ExitCode is 0 ? outcome.Output.Trim() : "";
    }
}
