namespace DotnetRelease.Holder.Layers;

/// <summary>Names of an archive, cut into parent and last part, without <c>.</c> and doubled slashes.</summary>
internal static class EntryPath
{
    /// <summary>Longer names cannot be opened.</summary>
    private const int Longest = 4095;

    /// <summary>Both are empty for the root folder itself.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ImageUnsafe"/> for a name with <c>..</c>.</exception>
    internal static (ReadOnlyMemory<byte> Parent, ReadOnlyMemory<byte> Name) Split(byte[] name)
    {
        var clean = IsClean(name) ? name.AsMemory() : Normalize(name);
        if (clean.Length > Longest)
        {
            throw TarReader.Malformed($"has a name of {clean.Length} bytes, '{TarEntry.Show(name)}'");
        }

        var slash = clean.Span.LastIndexOf((byte)'/');
        return slash < 0 ? (default, clean) : (clean[..slash], clean[(slash + 1)..]);
    }

    internal static byte[] Join(ReadOnlyMemory<byte> parent, ReadOnlyMemory<byte> name) =>
        parent.IsEmpty ? name.ToArray() : [.. parent.Span, (byte)'/', .. name.Span];

    private static bool IsClean(ReadOnlySpan<byte> name) =>
        name is not ([] or [(byte)'/' or (byte)'.', ..] or [.., (byte)'/' or (byte)'.']) && name.IndexOf("//"u8) < 0 && name.IndexOf("/."u8) < 0;

    private static Memory<byte> Normalize(ReadOnlySpan<byte> name)
    {
        var clean = new byte[name.Length];
        var length = 0;
        foreach (var range in name.Split((byte)'/'))
        {
            var part = name[range];
            if (part.IsEmpty || part.SequenceEqual("."u8))
            {
                continue;
            }

            if (part.SequenceEqual(".."u8))
            {
                throw new ReleaseException(Fault.ImageUnsafe, $"entry '{TarEntry.Show(name)}' of the layer would leave the image root");
            }

            if (length > 0)
            {
                clean[length++] = (byte)'/';
            }

            part.CopyTo(clean.AsSpan(length));
            length += part.Length;
        }

        return clean.AsMemory(0, length);
    }
}
