namespace DotnetRelease.Sources;

/// <summary>What an archive has under one name.</summary>
/// <param name="Mode">As git keeps it: that of a folder, of a link, or of a file.</param>
/// <param name="Target">Where a link leads, one character per byte.</param>
internal sealed record SdistEntry(int Mode, string Target = "")
{
    private const int PlainFile = 0x81A4;
    private const int Program = 0x81ED;

    internal static SdistEntry Folder { get; } = new(GitTreeEntry.Folder);

    /// <summary>Where the content of a file begins in the archive that was read.</summary>
    internal long Offset { get; private init; }

    /// <summary>Bytes of a file; 0 for others.</summary>
    internal long Size { get; private init; }

    internal bool IsFolder => Mode is GitTreeEntry.Folder;

    internal bool IsLink => Mode is GitTreeEntry.Link;

    internal static SdistEntry File(bool isProgram, long offset, long size) => new(isProgram ? Program : PlainFile) { Offset = offset, Size = size };

    internal static SdistEntry Link(string target) => new(GitTreeEntry.Link, target);

    /// <summary>The same for <see cref="TarForm"/>. The id stands for names that are too long for old readers.</summary>
    internal GitTreeEntry ToTree(string path) => new(Mode, Digest.Of(System.Text.Encoding.Latin1.GetBytes(path)).Hex, Size, path);
}
