using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>One <c>[[rpm.source]]</c>: where a source that no lock covers comes from, and who has to vouch for it before its digest is written down.</summary>
/// <param name="File">Name of the file with <see cref="Version"/> once in it, as the spec's <c>Source</c> line expands to.</param>
/// <param name="Position">Where it stands.</param>
public sealed record SourceRule(string File, SourcePosition Position)
{
    /// <summary>What the RPM's version takes the place of.</summary>
    public const string Version = "{version}";

    /// <summary>The tag that it is made from; null for a file that is downloaded.</summary>
    public GitSource? Git { get; init; }

    /// <summary>Whose signature it needs: of the tag, or of the file. Null only with <see cref="Git"/>.</summary>
    public SourceSigners? SignedBy { get; init; }

    /// <summary>URL of the file's signature, or the name of another source or of a file beside the spec, with <see cref="Version"/> perhaps; null: by its usual name.</summary>
    public string? Signature { get; init; }

    /// <summary>The version in the name of a file that the rule is about; null for another file. RPM's versions have no dash.</summary>
    public string? VersionIn(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var at = File.IndexOf(Version, StringComparison.Ordinal);
        var (before, after) = (File[..at], File[(at + Version.Length)..]);
        return file.Length > before.Length + after.Length && file.StartsWith(before, StringComparison.Ordinal) && file.EndsWith(after, StringComparison.Ordinal)
            && file[before.Length..^after.Length] is var version && !version.Contains('-', StringComparison.Ordinal)
                ? version
                : null;
    }
}

/// <summary>A tag of a git repository that a source is made from.</summary>
/// <param name="Repository">URL; null: the project's own repository.</param>
/// <param name="Tag">With <see cref="SourceRule.Version"/> in it.</param>
public sealed record GitSource(SettingsUrl? Repository, string Tag)
{
    /// <summary>Full id of the commit that the tag has to name; null when nobody said.</summary>
    public string? Commit { get; init; }

    /// <summary>Name of the folder in the archive, with <see cref="SourceRule.Version"/> perhaps; null: the name of the file without its ending.</summary>
    public string? Folder { get; init; }

    /// <summary>What makes the source of the tag's tree; null when that is the tree itself.</summary>
    public SdistRecipe? Sdist { get; init; }

    /// <summary>The tag of a version.</summary>
    public string TagOf(string version) => Tag.Replace(SourceRule.Version, version, StringComparison.Ordinal);

    /// <summary>How plans and provenance name the source, in the form of SPDX: <c>git+https://host/repo@v1.2</c>.</summary>
    public string UrlOf(string version) => $"{UrlStart}{Repository?.Text ?? "file:."}@{TagOf(version)}";

    /// <summary>What the URL of such a source begins with.</summary>
    public const string UrlStart = "git+";
}

/// <summary>How a source is made of a tree in a container: the project's own sdist, as its build tool writes it.</summary>
/// <param name="Commands">For the shell, in the tree and without a network; <see cref="SourceRule.Version"/> stands for the version.</param>
/// <param name="Target">The target whose image and engine it is.</param>
public sealed record SdistRecipe(ImmutableArray<string> Commands, string Target)
{
    /// <summary>Commands that install what those need, with a network and without the tree; empty: the image has it.</summary>
    public ImmutableArray<string> Prepare { get; init; } = [];

    /// <summary>The same for one version.</summary>
    public SdistRecipe Of(string version) =>
        this with { Commands = [.. Commands.Select(command => command.Replace(SourceRule.Version, version, StringComparison.Ordinal))] };

    /// <summary><c>'poetry build --format sdist' on fedora-43</c>.</summary>
    public override string ToString() => $"'{string.Join("; ", Commands)}' on {Target}";
}

/// <summary>Whose signatures count for a source.</summary>
/// <param name="Fingerprints">Of primary OpenPGP keys, whole, in upper case.</param>
/// <param name="SshKeys">Public keys of ssh, which may sign tags: <c>ssh-ed25519 AAAA…</c>.</param>
public sealed record SourceSigners(ImmutableArray<string> Fingerprints, ImmutableArray<string> SshKeys)
{
    /// <summary>File with the public OpenPGP keys, relative to the settings' folder; null when there are none.</summary>
    public string? Keyring { get; init; }
}
