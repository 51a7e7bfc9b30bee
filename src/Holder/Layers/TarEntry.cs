using System.Collections.Immutable;
using System.Text;

namespace DotnetRelease.Holder.Layers;

/// <summary>The header of one file, folder or link in a tar archive, after all extensions were applied.</summary>
internal sealed record TarEntry
{
    /// <summary>The archive's type letter; the old NUL is <c>0</c> here.</summary>
    internal required char Type { get; init; }

    /// <summary>As written, without a terminator.</summary>
    internal required byte[] Name { get; init; }

    /// <summary>Where a link points.</summary>
    internal byte[] LinkName { get; init; } = [];

    /// <summary>Bytes of content that follow.</summary>
    internal long Size { get; init; }

    /// <summary>Where the content belongs in a file with holes; null when there are none.</summary>
    internal SparseMap? Sparse { get; init; }

    internal int Mode { get; init; }

    internal long User { get; init; }

    internal long Group { get; init; }

    internal long Modified { get; init; }

    internal long ModifiedNanoseconds { get; init; }

    /// <summary>Extended attributes by full name.</summary>
    internal ImmutableArray<(string Name, byte[] Value)> Attributes { get; init; } = [];

    /// <summary>The name for a message: bytes that are no printable ASCII become <c>\xNN</c>.</summary>
    internal static string Show(ReadOnlySpan<byte> name)
    {
        const int enough = 200;
        var text = new StringBuilder();
        foreach (var one in name[..Math.Min(enough, name.Length)])
        {
            _ = one is >= 0x20 and < 0x7f and not (byte)'\\' ? text.Append((char)one) : text.Append("\\x").Append(one.ToString("x2", provider: null));
        }

        return (name.Length > enough ? text.Append('…') : text).ToString();
    }
}
