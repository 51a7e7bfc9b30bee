namespace DotnetRelease.Rpm;

/// <summary>Takes the identity from a header and refuses what could never be a file name of a repository.</summary>
internal static class RpmNevra
{
    /// <summary>A file name has at most 255 bytes, and it holds all parts.</summary>
    private const int MaxPart = 200;

    internal static Nevra From(RpmHeader header, bool isSource, string path)
    {
        var epoch = header.Number(RpmTag.Epoch) ?? 0;
        return new Nevra(
            Part(header, RpmTag.Name, "name", path), (uint)epoch,
            Part(header, RpmTag.Version, "version", path),
            Part(header, RpmTag.Release, "release", path),
            isSource ? "src" : Part(header, RpmTag.Arch, "architecture", path));
    }

    private static string Part(RpmHeader header, int tag, string what, string path)
    {
        var text = header.Text(tag) ?? throw Malformed.Rpm(path, $"it has no {what}");

        // Wider than what rpmbuild allows, yet nothing that leaves a folder, splits a line or hides in a listing.
        var usable = text.Length is > 0 and <= MaxPart && text[0] is not ('.' or '-')
            && text.All(c => char.IsAsciiLetterOrDigit(c) || "-._+~^%{}".Contains(c, StringComparison.Ordinal))
            && (tag is RpmTag.Name || !text.Contains('-', StringComparison.Ordinal));
        return usable ? text : throw Malformed.Rpm(path, $"its {what} is not usable: {Readable(text)}");
    }

    private static string Readable(string text) =>
        string.Concat("'", string.Concat(text.Take(MaxPart).Select(c => char.IsControl(c) ? '\uFFFD' : c)), "'");
}
