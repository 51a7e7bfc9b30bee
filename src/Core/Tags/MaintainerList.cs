using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>
/// A <c>maintainers.toml</c>: who may release what. It counts as it is in a commit of the protected branch, never as a tag under test
/// has it.
/// </summary>
/// <param name="Commit">Full id of the commit it was read from.</param>
/// <param name="Maintainers">In the order of the file; empty: nobody may release anything.</param>
/// <param name="Confinements">In the order of the file.</param>
public sealed record MaintainerList(string Commit, ImmutableArray<Maintainer> Maintainers, ImmutableArray<Confinement> Confinements)
{
    /// <summary>Name of the file, beside <c>release.toml</c>.</summary>
    public const string FileName = "maintainers.toml";

    /// <summary>Reads a list.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="commit">Full id of the commit that has it.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/> or <see cref="Fault.MaintainersInvalid"/>, with the position.</exception>
    public static MaintainerList Parse(ReadOnlySpan<byte> utf8, string commit) => MaintainerReader.Read(utf8, commit);

    /// <summary>The confinement of a name, or null.</summary>
    public Confinement? FindConfinement(string name) => Confinements.FirstOrDefault(each => string.Equals(each.Name, name, StringComparison.Ordinal));

    /// <summary>For the end of a message: which list it was.</summary>
    public string Source { get; init; } = $"Allow-list commit {Commit}.";
}
