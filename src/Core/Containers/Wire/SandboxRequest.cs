using System.Collections.Immutable;

namespace DotnetRelease.Containers.Wire;

/// <summary>One command in a sandbox, as it travels to the holder.</summary>
internal sealed record SandboxRequest
{
    /// <summary>Program and arguments; the program is looked up inside.</summary>
    internal required ImmutableArray<string> Command { get; init; }

    /// <summary>The whole environment, <c>NAME=value</c> each; only <c>HOME</c> is added when it is missing.</summary>
    internal ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Where the command starts; empty: <c>/</c>.</summary>
    internal string WorkingDirectory { get; init; } = "";

    /// <summary><c>USER[:GROUP]</c>, names or numbers of the image; empty: root.</summary>
    internal string User { get; init; } = "";

    /// <summary>The container's own name.</summary>
    internal string Hostname { get; init; } = "";

    /// <summary>The tree cannot be written, only the usual places for passing files.</summary>
    internal bool ReadOnlyRoot { get; init; }

    /// <summary>What it may do as root of the container, <c>CAP_…</c> each.</summary>
    internal ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>Shares the network of the machine.</summary>
    internal bool HostNetwork { get; init; }

    /// <summary>The command gets a terminal of its own of this size, and the standard streams of the request are not used.</summary>
    internal WindowSize? Terminal { get; init; }

    /// <summary>The working directory is made when it is missing, as the image's own is; a missing one that the user named is a mistake.</summary>
    internal bool MakeWorkingDirectory { get; init; }

    /// <summary>Show before the command starts that it has no network.</summary>
    internal bool ProveNoNetwork { get; init; }

    /// <summary>Limits that the holder sets.</summary>
    internal LimitRequest Limits { get; init; } = LimitRequest.None;

    /// <summary>Folders and files of the machine.</summary>
    internal ImmutableArray<VolumeRequest> Volumes { get; init; } = [];

    internal void WriteTo(Message message)
    {
        message.Write(Command).Write(Environment).Write(WorkingDirectory).Write(User).Write(Hostname).Write(ReadOnlyRoot);
        message.Write(Capabilities).Write(Limits.Memory).Write(Limits.Processes).Write(Limits.Processors).Write(Limits.Group);
        message.Write(HostNetwork).Write(Terminal is not null).Write(Terminal?.Rows ?? 0).Write(Terminal?.Columns ?? 0).Write(MakeWorkingDirectory);
        message.Write(ProveNoNetwork).Write(Volumes.Length);
        foreach (var volume in Volumes)
        {
            message.Write(volume.Source).Write(volume.Destination).Write(volume.ReadOnly).Write(volume.IsFolder);
        }
    }

    internal static SandboxRequest ReadFrom(Message message)
    {
        var request = new SandboxRequest
        {
            Command = message.ReadTexts(),
            Environment = message.ReadTexts(),
            WorkingDirectory = message.ReadText(),
            User = message.ReadText(),
            Hostname = message.ReadText(),
            ReadOnlyRoot = message.ReadFlag(),
            Capabilities = message.ReadTexts(),
            Limits = new(message.ReadNumber(), message.ReadInt(), message.ReadInt(), message.ReadFlag()),
            HostNetwork = message.ReadFlag(),
            Terminal = ReadTerminal(message),
            MakeWorkingDirectory = message.ReadFlag(),
            ProveNoNetwork = message.ReadFlag(),
        };
        var volumes = ImmutableArray.CreateBuilder<VolumeRequest>();
        for (var left = message.ReadInt(); left > 0; left--)
        {
            volumes.Add(new(message.ReadText(), message.ReadText(), message.ReadFlag(), message.ReadFlag()));
        }

        return request with { Volumes = volumes.ToImmutable() };
    }

    private static WindowSize? ReadTerminal(Message message)
    {
        var wanted = message.ReadFlag();
        var size = new WindowSize((ushort)message.ReadInt(), (ushort)message.ReadInt());
        return wanted ? size : null;
    }
}

/// <summary>A folder or file of the machine inside a sandbox.</summary>
/// <param name="Source">A path the holder can open; empty: the next descriptor of the message is a detached mount of it.</param>
/// <param name="Destination">An absolute path inside.</param>
/// <param name="ReadOnly">Whether writing is refused.</param>
/// <param name="IsFolder">Whether the mount point has to be a folder.</param>
internal sealed record VolumeRequest(string Source, string Destination, bool ReadOnly, bool IsFolder);

/// <summary>What the holder has to limit itself; 0 is "no limit", or one that the control group holds.</summary>
/// <param name="Memory">Bytes of each process.</param>
/// <param name="Processes">Processes of each user inside.</param>
/// <param name="Processors">How many processors to use.</param>
/// <param name="Group">The last descriptor of the message is the list of members of a control group to join.</param>
internal sealed record LimitRequest(long Memory, int Processes, int Processors, bool Group)
{
    internal static LimitRequest None { get; } = new(0, 0, 0, false);

    internal bool IsSome => Memory > 0 || Processes > 0 || Processors > 0 || Group;
}
