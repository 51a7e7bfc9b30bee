namespace DotnetRelease.Rpm;

/// <summary>
/// Epoch, version and release, compared as rpm does. Two that compare as equal may still be written differently (<c>1.0</c> and
/// <c>1.00</c>); equality is that of the text.
/// </summary>
/// <param name="Epoch">Null when not given, which compares like 0.</param>
/// <param name="Version">Upstream version.</param>
/// <param name="Release">Null when not given, which is older than any.</param>
public sealed record Evr(uint? Epoch, string Version, string? Release) : IComparable<Evr>
{
    /// <summary>Reads <c>[epoch:]version[-release]</c>; what is before a colon counts as epoch only when it is a number.</summary>
    public static Evr Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        uint? epoch = null;
        if (digits < text.Length && text[digits] is ':')
        {
            // ":1.0" has the epoch 0, like "0:1.0".
            epoch = digits is 0 ? 0 : uint.TryParse(text.AsSpan(0, digits), out var number) ? number : uint.MaxValue;
            text = text[(digits + 1)..];
        }

        var dash = text.LastIndexOf('-');
        return dash < 0 ? new Evr(epoch, text, null) : new Evr(epoch, text[..dash], text[(dash + 1)..]);
    }

    /// <summary>Of a package.</summary>
    public static Evr Of(Nevra nevra)
    {
        ArgumentNullException.ThrowIfNull(nevra);
        return new Evr(nevra.Epoch, nevra.Version, nevra.Release);
    }

    /// <inheritdoc/>
    public int CompareTo(Evr? other)
    {
        if (other is null)
        {
            return 1;
        }

        var epochs = (Epoch ?? 0).CompareTo(other.Epoch ?? 0);
        var versions = epochs is not 0 ? epochs : RpmVersion.Compare(Version, other.Version);
        if (versions is not 0)
        {
            return versions;
        }

        return Release is null || other.Release is null
            ? (Release is null ? 0 : 1) - (other.Release is null ? 0 : 1)
            : RpmVersion.Compare(Release, other.Release);
    }

    /// <summary><c>[epoch:]version[-release]</c>.</summary>
    public override string ToString() => (Epoch, Release) switch
    {
        (null, null) => Version,
        (null, _) => $"{Version}-{Release}",
        (_, null) => $"{Epoch}:{Version}",
        _ => $"{Epoch}:{Version}-{Release}",
    };

    /// <summary>Older.</summary>
    public static bool operator <(Evr left, Evr right) => Comparer<Evr>.Default.Compare(left, right) < 0;

    /// <summary>Newer.</summary>
    public static bool operator >(Evr left, Evr right) => Comparer<Evr>.Default.Compare(left, right) > 0;

    /// <summary>Not newer.</summary>
    public static bool operator <=(Evr left, Evr right) => Comparer<Evr>.Default.Compare(left, right) <= 0;

    /// <summary>Not older.</summary>
    public static bool operator >=(Evr left, Evr right) => Comparer<Evr>.Default.Compare(left, right) >= 0;
}
