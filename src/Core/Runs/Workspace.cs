using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;
using DotnetRelease.Specs;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>A project on disk: its settings and the files that they name.</summary>
/// <param name="Folder">Full path of the settings' folder; everything in the settings is relative to it.</param>
/// <param name="Settings">The settings.</param>
public sealed record Workspace(string Folder, Settings Settings)
{
    /// <summary>Settings and locks of this size are not written by people.</summary>
    private const int SizeLimit = 16 * 1024 * 1024;

    /// <summary>Folder of what can be deleted at any time: work in progress, logs, the ledger.</summary>
    private const string OwnFolder = ".release";

    private string LockPath => Path.Combine(Folder, ReleaseLock.FileName);

    /// <summary>Reads the settings file that was named, else the one that is found upwards.</summary>
    /// <param name="folder">Full path of the folder the user works in.</param>
    /// <param name="config">Path of a settings file relative to it, or null.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsMissing"/>, <see cref="Fault.FileUnreadable"/>, and what reading the settings does.</exception>
    public static async Task<Workspace> OpenAsync(string folder, string? config, CancellationToken ct) => await TryOpenAsync(folder, config, ct)
        ?? throw new ReleaseException(Fault.SettingsMissing, $"There is no {Settings.FileName} in '{folder}' or in a folder above it.");

    /// <summary>The same for who can do without: null when none is named and none is found. One that is named has to be there.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<Workspace?> TryOpenAsync(string folder, string? config, CancellationToken ct)
    {
        var path = config is null ? Find(folder) : Path.GetFullPath(config, folder);
        if (path is null)
        {
            return null;
        }

        var shown = config ?? Path.GetRelativePath(folder, path);
        var bytes = await TryReadAsync(path, ct)
            ?? throw new ReleaseException(Fault.SettingsMissing, $"There is no settings file '{shown}'.");
        return new(Path.GetDirectoryName(path)!, Settings.Parse(bytes, shown));
    }

    /// <summary>A path of the settings as a path of this machine.</summary>
    public string Resolve(string relative) => Path.GetFullPath(relative, Folder);

    /// <summary>A path in the folder <c>.release</c>, which can be deleted at any time.</summary>
    internal string ResolveOwn(params ReadOnlySpan<string> segments) => Path.Combine([Folder, OwnFolder, .. segments]);

    /// <summary>A file of the project as it is on disk.</summary>
    /// <param name="relative">From the settings.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.FileUnreadable"/> or <see cref="Fault.InputTooLarge"/>.</exception>
    internal async Task<byte[]> ReadAsync(string relative, CancellationToken ct) => await TryReadAsync(Resolve(relative), ct)
        ?? throw new ReleaseException(Fault.FileUnreadable, $"There is no file '{relative}', which the settings name.");

    /// <summary>Reads <c>release.lock</c>; a missing one pins nothing.</summary>
    public async Task<ReleaseLock> ReadLockAsync(CancellationToken ct) =>
        await TryReadAsync(LockPath, ct) is { } bytes ? ReleaseLock.Parse(bytes, ReleaseLock.FileName) : ReleaseLock.Empty;

    /// <summary>Writes <c>release.lock</c>, unless it has that content already or would be new and empty.</summary>
    public Task WriteLockAsync(ReleaseLock pins, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pins);
        return pins.IsEmpty && !File.Exists(LockPath)
            ? Task.CompletedTask
            : Durable.WriteAsync(LockPath, System.Text.Encoding.UTF8.GetBytes(pins.ToText()), ct);
    }

    /// <summary>Reads the folder of an RPM's spec; null when there is no spec.</summary>
    /// <param name="rpm">From the settings.</param>
    /// <param name="known">Spares hashing files that nobody touched.</param>
    /// <param name="ct">Ends reading.</param>
    public async Task<SpecFolder?> ReadSpecAsync(RpmSettings rpm, KnownDigests known, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rpm);
        ArgumentNullException.ThrowIfNull(known);
        var path = Resolve(rpm.Spec);
        if (await TryReadAsync(path, ct) is not { } bytes)
        {
            return null;
        }

        var spec = SpecFile.Parse(bytes, rpm.Spec);
        var folder = Path.GetDirectoryName(path)!;
        var sources = await TryReadAsync(Path.Combine(folder, SourcesFile.FileName), ct);
        var sourcesPath = Path.Combine(Path.GetDirectoryName(rpm.Spec) ?? "", SourcesFile.FileName);
        var files = ImmutableDictionary.CreateBuilder<string, Digest>(StringComparer.Ordinal);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().Where(file => IsInput(file, path)))
        {
            files[file.Name] = await known.OfFileAsync(file.FullName, ct);
        }

        return new(spec, sources is null ? null : SourcesFile.Parse(sources, sourcesPath), files.ToImmutable());
    }

    /// <summary>What the project asks of its dependencies: the pyproject.toml beside each lockfile, where there is one.</summary>
    public async Task<ImmutableArray<ProjectDependency>> ReadDependenciesAsync(CancellationToken ct)
    {
        var dependencies = ImmutableArray.CreateBuilder<ProjectDependency>();
        foreach (var folder in Settings.Project.Lockfiles.Select(path => Path.GetDirectoryName(path) ?? "").Distinct(StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, ProjectDependencies.FileName);
            if (await TryReadAsync(Resolve(path), ct) is { } bytes)
            {
                dependencies.AddRange(ProjectDependencies.Read(bytes, path));
            }
        }

        return dependencies.ToImmutable();
    }

    // A link could lead out of what is committed and reviewed, and a pipe would never end.
    private static bool IsInput(FileInfo file, string spec) =>
        file.FullName != spec && file.Name is not SourcesFile.FileName && file.Name[0] is not '.'
        && file.LinkTarget is null;

    private static string? Find(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var path = Path.Combine(at, Settings.FileName);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static async Task<byte[]?> TryReadAsync(string path, CancellationToken ct)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            return file.Length <= SizeLimit
                ? await File.ReadAllBytesAsync(path, ct)
                : throw new ReleaseException(Fault.InputTooLarge, $"The file has {file.Length} bytes; at most {SizeLimit} are read.", new(path));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message.TrimEnd('.')}.", inner: ex);
        }
    }
}
