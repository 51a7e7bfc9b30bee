namespace DotnetRelease.Containers;

/// <summary>A folder or file of this machine that a sandbox sees.</summary>
/// <param name="Source">Full path on this machine.</param>
/// <param name="Destination">Absolute path inside.</param>
/// <param name="ReadOnly">Whether writing is refused.</param>
public sealed record Volume(string Source, string Destination, bool ReadOnly)
{
    /// <summary>Reads <c>SRC:DST[:ro]</c>; a relative source starts at <paramref name="folder"/>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>, also when there is no such source.</exception>
    public static Volume Parse(string text, string folder)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        if (parts is not ([{ Length: > 0 }, ['/', _, ..]] or [{ Length: > 0 }, ['/', _, ..], "ro" or "rw"]))
        {
            throw new ReleaseException(Fault.Usage, $"'{text}' is no volume; write SOURCE:/DESTINATION or SOURCE:/DESTINATION:ro.");
        }

        var source = Path.GetFullPath(parts[0], folder);
        return Path.Exists(source)
            ? new Volume(source, parts[1], parts is [_, _, "ro"])
            : throw new ReleaseException(Fault.Usage, $"The volume '{text}' names '{source}', which does not exist.");
    }

    /// <summary>As it is written on a command line.</summary>
    public override string ToString() => ReadOnly ? $"{Source}:{Destination}:ro" : $"{Source}:{Destination}";
}
