using System.Collections.Immutable;
using System.Formats.Tar;

namespace DotnetRelease.Containers;

/// <summary>The tars that <c>podman cp</c> and <c>docker cp</c> read and write. What comes out of a container is foreign.</summary>
internal static class EngineFiles
{
    /// <summary>No folder that anybody asks for has more.</summary>
    private const int EntryLimit = 100_000;

    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runs = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>What a folder holds, from the tar of the folder with all below it.</summary>
    /// <param name="path">Absolute path that was asked for.</param>
    /// <param name="tar">What the engine gave.</param>
    internal static Task<ImmutableArray<ContainerEntry>> ListAsync(string path, Stream tar) => GuardAsync(path, async () =>
    {
        await using var reader = new TarReader(tar, leaveOpen: true);
        var first = await NextAsync(reader, path);
        if (first.EntryType is not TarEntryType.Directory || !IsNamed(first, path))
        {
            throw Wrong(path, "it is no folder, or a link to one");
        }

        var top = first.Name.Trim('/') is { Length: > 0 } name ? name + "/" : "";
        var entries = new List<ContainerEntry>();
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            var below = entry.Name.Trim('/');
            if (below.StartsWith(top, StringComparison.Ordinal) && below[top.Length..] is { Length: > 0 } child && !child.Contains('/', StringComparison.Ordinal))
            {
                entries.Add(new ContainerEntry(child, KindOf(entry.EntryType)));
                if (entries.Count > EntryLimit)
                {
                    throw Wrong(path, $"it holds more than {EntryLimit} files");
                }
            }
        }

        return entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).ToImmutableArray();
    });

    /// <summary>Copies a regular file out of its tar.</summary>
    /// <returns>How many bytes it has.</returns>
    internal static Task<long> CopyAsync((string Path, long Limit) wanted, Stream tar, Stream copy) => GuardAsync(wanted.Path, async () =>
    {
        await using var reader = new TarReader(tar, leaveOpen: true);
        var entry = await NextAsync(reader, wanted.Path);
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !IsNamed(entry, wanted.Path))
        {
            throw Wrong(wanted.Path, "it is no regular file, or a link to one");
        }

        if (entry.Length > wanted.Limit)
        {
            throw Wrong(wanted.Path, $"it has {entry.Length} bytes; at most {wanted.Limit} are accepted");
        }

        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(copy);
        }

        // The reader says nothing about a file that is cut short.
        return copy.Length == entry.Length ? entry.Length : throw Wrong(wanted.Path, $"only {copy.Length} of its {entry.Length} bytes came");
    });

    /// <summary>A tar with one file of the container's root.</summary>
    internal static async Task WriteFileAsync(string source, (string Name, bool Executable) target, Stream tar)
    {
        await using var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true);
        await using var content = File.OpenRead(source);
        await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, target.Name)
        {
            DataStream = content,
            Mode = target.Executable ? Everybody | Runs : Everybody,
            ModificationTime = new DateTimeOffset(File.GetLastWriteTimeUtc(source)),
        });
    }

    /// <summary>A tar of what a folder holds, owned by the container's root.</summary>
    internal static async Task WriteFolderAsync(string folder, Stream tar)
    {
        await using var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true);
        var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = default, IgnoreInaccessible = false };
        foreach (var info in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", all).OrderBy(info => info.FullName, StringComparer.Ordinal))
        {
            var type = info.LinkTarget is not null ? TarEntryType.SymbolicLink : info is DirectoryInfo ? TarEntryType.Directory : TarEntryType.RegularFile;
            var entry = new PaxTarEntry(type, Path.GetRelativePath(folder, info.FullName)) { ModificationTime = new DateTimeOffset(info.LastWriteTimeUtc) };
            if (type is TarEntryType.SymbolicLink)
            {
                entry.LinkName = info.LinkTarget!;
            }
            else
            {
                entry.Mode = info.UnixFileMode;
            }

            await using var content = type is TarEntryType.RegularFile ? File.OpenRead(info.FullName) : null;
            if (content is not null)
            {
                entry.DataStream = content;
            }

            await writer.WriteEntryAsync(entry);
        }
    }

    internal static ReleaseException Wrong(string path, string why) => new(Fault.BuildResultWrong, $"'{path}' in the container could not be read: {why}.");

    private static async Task<TarEntry> NextAsync(TarReader reader, string path)
    {
        TarEntry? entry;
        do
        {
            entry = await reader.GetNextEntryAsync();
        }
        while (entry?.EntryType is TarEntryType.GlobalExtendedAttributes);
        return entry ?? throw Wrong(path, "there is no such file");
    }

    /// <summary>Podman names what it found at the end of a link; where that is another name, the link shows.</summary>
    private static bool IsNamed(TarEntry entry, string path) =>
        path.Trim('/') is var wanted && (wanted.Length is 0 || string.Equals(Path.GetFileName(entry.Name.TrimEnd('/')), Path.GetFileName(wanted), StringComparison.Ordinal));

    private static ContainerEntryKind KindOf(TarEntryType type) => type switch
    {
        // A second name of a file is a hard link in a tar.
        TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.HardLink or TarEntryType.ContiguousFile => ContainerEntryKind.File,
        TarEntryType.Directory => ContainerEntryKind.Folder,
        TarEntryType.SymbolicLink => ContainerEntryKind.Link,
        _ => ContainerEntryKind.Other,
    };

    private static async Task<T> GuardAsync<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception ex) when (ex is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw Wrong(path, $"what the engine gave is no tar ({ex.Message.TrimEnd('.')})");
        }
    }
}
