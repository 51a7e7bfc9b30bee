using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// One command inside a container, as an immutable value. Each runs in namespaces of its own and leaves nothing but files: when the
/// command ends, everything it started ends too.
/// </summary>
/// <param name="Command">Program and arguments; the program is looked up in the container's PATH.</param>
public sealed record Sandbox(params ImmutableArray<string> Command)
{
    /// <summary>What it can reach.</summary>
    public Network Network { get; init; } = Network.None;

    /// <summary>Added to what the image sets; nothing of our own environment goes in.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where it starts; null: where the image says.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Name or number, also <c>user:group</c>; null: the container's root. Needs coreutils in the image.</summary>
    public string? User { get; init; }

    /// <summary>Folders and files of this machine.</summary>
    public ImmutableArray<Volume> Volumes { get; init; } = [];

    /// <summary>Try the network before the command starts, refuse to start it when there is one, and write the proof to its output.</summary>
    public bool ProveNoNetwork { get; init; }

    /// <summary>Adds or replaces one variable.</summary>
    public Sandbox With(string variable, string value) => this with { Environment = Environment.SetItem(variable, value) };
}
