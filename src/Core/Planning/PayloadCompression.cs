using System.Text.RegularExpressions;

namespace DotnetRelease.Planning;

/// <summary>How rpm is to compress the files of a package, before anybody knows what the target's rpm can do.</summary>
/// <param name="Name"><c>default</c>, <c>fast</c>, or rpm's own spelling, for example <c>w19.zstdio</c>.</param>
public sealed partial record PayloadCompression(string Name)
{
    /// <summary>As small as the distros have it, on all processors where the target's rpm can.</summary>
    public static PayloadCompression Default { get; } = new("default");

    /// <summary>A sixth larger, and many times faster: for the builds of an afternoon.</summary>
    public static PayloadCompression Fast { get; } = new("fast");

    /// <summary>Whether it is rpm's own spelling, which is passed on as it is.</summary>
    public bool IsOfRpm => this != Default && this != Fast;

    /// <summary>The compression of a name, or null for a name that is neither ours nor rpm's.</summary>
    public static PayloadCompression? Find(string name) => name switch
    {
        "default" => Default,
        "fast" => Fast,
        _ when OfRpm().IsMatch(name) => new(name),
        _ => null,
    };

    /// <summary>Level, threads and kind as in the macro <c>_binary_payload</c>; what else rpm reads there is obsolete or for tests.</summary>
    [GeneratedRegex(@"^w([12]?\d)?(T\d{0,2})?\.(gzdio|bzdio|lzdio|xzdio|zstdio|ufdio)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OfRpm();
}
