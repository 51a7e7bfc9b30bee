using System.Text;

namespace DotnetRelease.Rpm;

/// <summary>
/// The 96 bytes that make a file recognisable as an RPM. Nothing covers them with a digest, so nothing is decided by them; rpm
/// itself checks the magic, the version and the kind of signature.
/// </summary>
/// <param name="Major">3 or 4; 3 is what rpm 4 writes.</param>
/// <param name="IsSource">What the lead claims; <see cref="RpmPackage.IsSource"/> is the truth.</param>
public sealed record RpmLead(byte Major, bool IsSource)
{
    internal const int Length = 96;

    /// <summary>The bytes themselves: a signed file keeps them.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; private init; }

    private const int HeaderSignature = 5;

    internal static RpmLead Parse(ReadOnlyMemory<byte> file, string path)
    {
        var bytes = file.Span;
        if (bytes.Length < Length || !bytes.StartsWith((ReadOnlySpan<byte>)[0xED, 0xAB, 0xEE, 0xDB]))
        {
            throw Foreign(bytes, path);
        }

        var (major, type, signature) = (bytes[4], bytes[6] << 8 | bytes[7], bytes[78] << 8 | bytes[79]);
        return (major, type, signature) switch
        {
            (not (3 or 4), _, _) => throw Malformed.Rpm(path, $"its lead names format version {major}, known are 3 and 4"),
            (_, not (0 or 1), _) => throw Malformed.Rpm(path, $"its lead names package type {type}, known are 0 and 1"),
            (_, _, not HeaderSignature) => throw Malformed.Rpm(path, $"its lead names signature type {signature}, known is {HeaderSignature}"),
            _ => new RpmLead(major, type is 1) { Bytes = file[..Length] },
        };
    }

    /// <summary>What people really find under a name that ends in .rpm.</summary>
    private static ReleaseException Foreign(ReadOnlySpan<byte> bytes, string path)
    {
        var start = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 64)]).TrimStart();
        return start switch
        {
            "" => Malformed.Rpm(path, "it is empty"),
            _ when start.StartsWith("version https://git-lfs", StringComparison.Ordinal) =>
                Malformed.Rpm(path, "it is a Git LFS pointer, not the package", "Fetch the package: git lfs pull"),
            _ when start.StartsWith('<') => Malformed.Rpm(path, "it is a web page or XML, not an RPM", "Download the file again and look at what the server says."),
            _ when start.StartsWith("\u00ED\u00AB\u00EE\u00DB", StringComparison.Ordinal) => Malformed.Rpm(path, $"it ends after {bytes.Length} bytes, inside its lead"),
            _ => Malformed.Rpm(path, "it does not start like an RPM"),
        };
    }
}
