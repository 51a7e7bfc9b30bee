using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using DotnetRelease.Planning;
using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>Makes the package that brings a repository and its keys to clients, for each target.</summary>
/// <param name="workspace">The project.</param>
public sealed partial class ReleaseRpmRun(Workspace workspace)
{
    /// <summary>Decides what would be written and reads the public keys; nothing is written.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryUnknown"/>, <see cref="Fault.KeyUnusable"/>, <see cref="Fault.KeyNameMalformed"/> and those of the settings.</exception>
    public async Task<ImmutableArray<ReleaseRpm>> PlanAsync(ReleaseRpmRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var settings = workspace.Settings;
        var signing = settings.Signing ?? throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: the settings have no signing.key.") { Remedy = "See the fingerprints: gpg --list-secret-keys" };
        var repository = Repository(request.Repository);
        var made = await MadeAsync(ct);
        var version = request.Version ?? made.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        if (!VersionForm().IsMatch(version))
        {
            throw new ReleaseException(Fault.Usage, $"'{version}' cannot be the version of a package.") { Remedy = "Digits, letters, '.', '_', '+' and '~', a digit first." };
        }

        ImmutableArray<PublicKey> keys = [.. await Task.WhenAll(signing.Companions.Prepend(signing.Key).Select(key => PublicKey.FindAsync(request.Gpg, key, ct)))];
        var targets = new PublishTargets(settings, workspace.Folder);
        return
        [
            .. from target in settings.Targets
               where request.Targets.IsEmpty || request.Targets.Contains(target.Name, StringComparer.Ordinal)
               let draft = new ReleasePackage(NameOf(repository), settings.Project.Name, targets.PlaceOf(repository, target), keys).ToDraft(version, made)
               select new ReleaseRpm(target.Name, Path.Combine(request.Output, target.Name, draft.Nevra.FileName), draft),
        ];
    }

    /// <summary>Writes them, unsigned; a file that is there with the same bytes, apart from a signature, is left alone.</summary>
    public static async Task<ImmutableArray<WrittenRpm>> WriteAsync(ImmutableArray<ReleaseRpm> packages, CancellationToken ct)
    {
        var written = ImmutableArray.CreateBuilder<WrittenRpm>(packages.Length);
        foreach (var package in packages)
        {
            var isThere = File.Exists(package.Path) && (await RpmFile.ReadAsync(package.Path, ct)).HeaderSha256 == RpmWriter.HeaderDigest(package.Draft);
            if (!isThere)
            {
                await RpmWriter.WriteAsync(package.Draft, package.Path, ct);
            }

            written.Add(new WrittenRpm(await RpmFile.ReadAsync(package.Path, ct), !isThere));
        }

        return written.MoveToImmutable();
    }

    /// <summary>The repository that users have: the named one, else the only one from which nothing is promoted.</summary>
    private RepositorySettings Repository(string? name)
    {
        var settings = workspace.Settings;
        var last = settings.Repositories.Where(IsLast).ToList();
        return name is null && last is [var only] ? only : new PublishTargets(settings, workspace.Folder).Repository(name);
    }

    /// <summary>The plain name belongs to the users' repository; one that is promoted from must not be mistaken for it.</summary>
    private string NameOf(RepositorySettings repository) =>
        IsLast(repository) && workspace.Settings.Repositories.Count(IsLast) is 1 ? $"{workspace.Settings.Project.Name}-release" : $"{workspace.Settings.Project.Name}-{repository.Name}-release";

    private bool IsLast(RepositorySettings repository) =>
        !workspace.Settings.Repositories.Any(other => string.Equals(other.PromoteFrom, repository.Name, StringComparison.Ordinal));

    private async Task<DateTimeOffset> MadeAsync(CancellationToken ct) =>
        long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : await new Git(workspace.Folder).TimeOfHeadAsync(ct) ?? DateTimeOffset.UtcNow;

    [GeneratedRegex(@"^[0-9][0-9A-Za-z._+~]{0,63}\z")]
    private static partial Regex VersionForm();
}

/// <summary>What the user asked for.</summary>
/// <param name="Gpg">The keyring with the public keys.</param>
/// <param name="Output">Full path; each target gets a folder in it.</param>
public sealed record ReleaseRpmRequest(Gpg Gpg, string Output)
{
    /// <summary>The settings' name of the repository; null: the one that users have.</summary>
    public string? Repository { get; init; }

    /// <summary>The package's version; null: the day of the last commit.</summary>
    public string? Version { get; init; }

    /// <summary>Names of targets; none: all.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];
}

/// <summary>One package that is there now.</summary>
/// <param name="File">The file.</param>
/// <param name="IsNew">False when it was there before, perhaps signed, and no byte of it changed.</param>
public sealed record WrittenRpm(RpmFile File, bool IsNew);

/// <summary>One package to be written.</summary>
/// <param name="Target">For which target.</param>
/// <param name="Path">Where.</param>
/// <param name="Draft">What.</param>
public sealed record ReleaseRpm(string Target, string Path, RpmDraft Draft);
