using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.GitHub;
using DotnetRelease.Planning;

namespace DotnetRelease.Runs.Doctor;

/// <summary>git, what the repositories of the settings need, and the token for GitHub, of which nothing but its place is said.</summary>
/// <param name="machine">Which programs there are.</param>
internal sealed class ProjectChecks(MachinePrograms machine)
{
    internal async Task<ImmutableArray<DoctorCheck>> RunAsync(Workspace? workspace, CancellationToken ct)
    {
        var repositories = workspace?.Settings.Repositories ?? [];
        return
        [
            await machine.AskAsync("git", ProgramPackage.Git, "locks, tags and commits are read with it", ct),
            await machine.AskAsync("git-lfs", ProgramPackage.GitLfs, "repositories in git keep their packages with it", ct) with { IsNeeded = repositories.Any(repository => IsAt(repository, "git+")) },
            await machine.AskAsync("ssh", ProgramPackage.Ssh, "repositories behind ssh are written through it", ct) with { IsNeeded = repositories.Any(repository => IsAt(repository, "ssh:") || IsAt(repository, "git+ssh:")) },
            await machine.AskAsync("rpmkeys", ProgramPackage.Rpm, "'key check' asks it whether this machine's rpm takes a key", ct) with { IsNeeded = false },
            Zstd(Unpacked) with { IsNeeded = repositories.Any(repository => repository.Compression is "zstd") },
            await TokenAsync(workspace, ct) with { IsNeeded = false },
        ];
    }

    /// <summary>Whether the library is there and does what it is for.</summary>
    internal DoctorCheck Zstd(Func<byte[]> roundTrip)
    {
        try
        {
            return roundTrip().Length > 0 ? DoctorCheck.Good("libzstd", "packs and unpacks") : throw new InvalidDataException();
        }
        catch (Exception ex) when (ex is ReleaseException or InvalidDataException)
        {
            return DoctorCheck.Bad("libzstd", "libzstd.so.1 could not be used; images and metadata packed with Zstandard need it", machine.InstallLine(ProgramPackage.Zstd));
        }
    }

    private static byte[] Unpacked() => Storage.Zstd.Decompress(Storage.Zstd.Compress("zstd"u8), 4) ?? [];

    private static bool IsAt(RepositorySettings repository, string scheme) => repository.Url.Text.StartsWith(scheme, StringComparison.Ordinal);

    private static async Task<DoctorCheck> TokenAsync(Workspace? workspace, CancellationToken ct)
    {
        const string name = "GitHub token";
        try
        {
            var host = GitHubPlace.Of("any/any", Environment.GetEnvironmentVariable("GITHUB_API_URL")).WebHost;
            var token = await new TokenSearch(host) { SettingsFile = workspace is null ? null : new GitHubSettingsOf(workspace).TokenFile }.FindAsync(ct);
            return token is not null ? DoctorCheck.Good(name, $"for {host}, from {token.Source}") : DoctorCheck.Bad(name, $"none for {host}; drafts and uploads need one", "gh auth login");
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad(name, ex);
        }
    }
}
