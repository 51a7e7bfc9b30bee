using System.Buffers;
using System.Text;

namespace DotnetRelease.Building;

/// <summary>
/// Looks for the folders of the build in the bytes of one file after the other, given in parts of any size. The first path of each kind is kept; a path is
/// all that could belong to one, because it may stand between the bytes of a program.
/// </summary>
internal sealed class BuildPathSearch
{
    /// <summary>What follows the start of a path is looked at so far: enough to tell the kinds apart, and to show it.</summary>
    private const int Longest = 512;

    private const string Root = "BUILDROOT";

    private static readonly byte[] Start = Encoding.ASCII.GetBytes(BuildMacros.BuildFolder);

    private static readonly SearchValues<byte> PathBytes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-~^%@="u8);

    private readonly byte[] _bytes = new byte[1024 * 1024];

    /// <summary>Bytes at the front that were read before, in which a path may begin that is not over.</summary>
    private int _kept;

    /// <summary>The first path below the build root, from which the package is made; null for none.</summary>
    public string? InRoot { get; private set; }

    /// <summary>The first path where sources are unpacked and compiled; null for none.</summary>
    public string? InFolder { get; private set; }

    /// <summary>Where the next bytes of the file belong; then tell <see cref="Advance"/> how many they are.</summary>
    public Span<byte> Free => _bytes.AsSpan(_kept);

    /// <summary>Begins with another file.</summary>
    public void Reset() => (_kept, InRoot, InFolder) = (0, null, null);

    /// <summary>Searches what was put into <see cref="Free"/>; 0 is the end of the file.</summary>
    public void Advance(int count)
    {
        var rest = _bytes.AsSpan(0, _kept + count);
        var margin = count is 0 ? 0 : Longest;
        while (rest.IndexOf(Start) is var at and >= 0 && rest.Length - at > margin)
        {
            Keep(rest[at..]);
            rest = rest[(at + Start.Length)..];
        }

        rest = rest[Math.Max(0, rest.Length - Longest)..];
        rest.CopyTo(_bytes);
        _kept = rest.Length;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, Longest)];
        var length = bytes.IndexOfAnyExcept(PathBytes);
        var path = Encoding.ASCII.GetString(length < 0 ? bytes : bytes[..length]);

        // Until rpm 4.19 the build root is beside the folder, since 4.20 in it.
        if (path.Contains(Root, StringComparison.Ordinal))
        {
            InRoot ??= path;
        }
        else
        {
            InFolder ??= path;
        }
    }
}
