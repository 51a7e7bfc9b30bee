namespace DotnetRelease.Containers;

/// <summary>A name in a folder of a container.</summary>
/// <param name="Name">Without the folder.</param>
/// <param name="Kind">What it is.</param>
public sealed record ContainerEntry(string Name, ContainerEntryKind Kind)
{
    internal static ContainerEntry Parse(string text) => new(text[1..], text[0] switch
    {
        'f' => ContainerEntryKind.File,
        'd' => ContainerEntryKind.Folder,
        'l' => ContainerEntryKind.Link,
        _ => ContainerEntryKind.Other,
    });
}

/// <summary>What a name in a container stands for.</summary>
public enum ContainerEntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A FIFO, socket or device.</summary>
    Other,
}
