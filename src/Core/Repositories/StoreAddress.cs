using DotnetRelease.Repositories.S3;
using DotnetRelease.Repositories.Git;
using DotnetRelease.Repositories.Ssh;

namespace DotnetRelease.Repositories;

/// <summary>Where repositories are written: a folder, or a place behind a protocol. Its text is what a person calls it.</summary>
public abstract record StoreAddress
{
    /// <summary>Whether it can be read without a network and without credentials.</summary>
    public bool IsLocal => this is FolderAddress;

    /// <summary>Reads the full path of a folder, or a URL whose scheme the settings know.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SettingsInvalid"/>.</exception>
    public static StoreAddress Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split("://", 2) is not [var scheme, _]
            ? new FolderAddress(Path.GetFullPath(text))
            : scheme.ToLowerInvariant() switch
            {
                "ssh" => SshAddress.Parse(text),
                "git+https" or "git+ssh" or "git+file" => GitAddress.Parse(text),
                "s3" => S3Address.Parse(text),
                _ => throw new ReleaseException(Fault.SettingsInvalid, $"'{text}' has a scheme that this version does not publish to; known are file:, ssh:, s3: and git+https:, git+ssh:, git+file:."),
            };
    }

    /// <summary>The place of one repository below this one.</summary>
    /// <param name="layout">A plain relative path, or empty.</param>
    internal abstract StoreAddress Below(string layout);

    /// <summary>What to write through. Nothing is connected before the first call.</summary>
    internal abstract IRepositoryStore Open();

    /// <summary>Where clients read when the settings do not say so; null: they cannot read it from here.</summary>
    internal virtual Uri? ClientUrl => null;
}

/// <summary>A folder of this machine.</summary>
/// <param name="Folder">Full path.</param>
public sealed record FolderAddress(string Folder) : StoreAddress
{
    /// <inheritdoc/>
    internal override Uri? ClientUrl => new(Folder);

    /// <inheritdoc/>
    public override string ToString() => Folder;

    /// <inheritdoc/>
    internal override StoreAddress Below(string layout) => new FolderAddress(Path.Combine(Folder, layout));

    /// <inheritdoc/>
    internal override IRepositoryStore Open() => new FolderStore(Folder);
}
