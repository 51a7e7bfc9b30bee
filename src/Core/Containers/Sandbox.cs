using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// One command inside a container, as an immutable value. Each runs in namespaces of its own and leaves nothing but files: when the
/// command ends, everything it started ends too.
/// </summary>
/// <param name="Command">Program and arguments; the program is looked up in the container's PATH.</param>
public sealed record Sandbox(params ImmutableArray<string> Command)
{
    /// <summary>The name of a container that was given none.</summary>
    public const string DefaultHostname = "container";

    /// <summary>What it can reach.</summary>
    public Network Network { get; init; } = Network.None;

    /// <summary>Added to what the image sets; nothing of our own environment goes in.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where it starts; null: where the image says.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Name or number, also <c>user:group</c>; null: the container's root. Needs coreutils in the image.</summary>
    public string? User { get; init; }

    /// <summary>What it may do as root of the container; see <see cref="Containers.Capabilities"/>.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = Containers.Capabilities.Installing;

    /// <summary>How much of this machine it may use.</summary>
    public Limits Limits { get; init; } = Limits.None;

    /// <summary>Folders and files of this machine.</summary>
    public ImmutableArray<Volume> Volumes { get; init; } = [];

    /// <summary>What it takes for its own name: 1 to 64 letters, digits, dots and hyphens.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/> for any other.</exception>
    public string Hostname { get; init => field = RequireHostname(value); } = DefaultHostname;

    /// <summary>Only <c>/tmp</c>, <c>/var/tmp</c>, <c>/run</c>, <c>/dev</c> and volumes can be written; what is in the first three is gone with the command.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Our own standard input is the command's; otherwise it reads nothing. Counts where our own streams are used.</summary>
    public bool Input { get; init; }

    /// <summary>The command gets a terminal of its own, which the one on our standard input shows. Counts where our own streams are used.</summary>
    public bool Terminal { get; init; }

    /// <summary>Try the network before the command starts, refuse to start it when there is one, and write the proof to its output.</summary>
    public bool ProveNoNetwork { get; init; }

    /// <summary>Adds or replaces one variable.</summary>
    public Sandbox With(string variable, string value) => this with { Environment = Environment.SetItem(variable, value) };

    private static string RequireHostname(string name) =>
        name is { Length: > 0 and <= 64 } && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
            ? name
            : throw new ReleaseException(Fault.Usage, $"'{name}' is no name for a host: 1 to 64 letters, digits, dots and hyphens, beginning with a letter or digit.");
}
