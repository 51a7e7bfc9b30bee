using System.Collections.Immutable;

namespace DotnetRelease.WheelFiles;

/// <summary>What an installer makes of a wheel (PEP 427): the files by the place they go to, sorted. Nothing is unpacked for it.</summary>
/// <param name="IsPure">Its files go to the folder of Python code for any machine.</param>
/// <param name="Info">Name of its <c>.dist-info</c> folder.</param>
public sealed record WheelTree(bool IsPure, string Info)
{
    private const int TextLimit = 4 * 1024 * 1024;

    /// <summary>Files below <c>site-packages</c>.</summary>
    public ImmutableArray<string> Library { get; init; } = [];

    /// <summary>Programs by name.</summary>
    public ImmutableArray<string> Programs { get; init; } = [];

    /// <summary>Files below the prefix, such as <c>share/man/man1/greet.1</c>.</summary>
    public ImmutableArray<string> Data { get; init; } = [];

    /// <summary>Reads it out of a wheel.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>.</exception>
    public static WheelTree Read(Wheel wheel)
    {
        ArgumentNullException.ThrowIfNull(wheel);
        var data = wheel.Info[..^".dist-info".Length] + ".data/";
        var entries = $"{wheel.Info}/entry_points.txt";
        IEnumerable<string> Below(params ReadOnlySpan<string> folders)
        {
            var paths = new List<string>();
            foreach (var folder in folders)
            {
                var start = data + folder + "/";
                paths.AddRange(wheel.Files.Where(file => file.StartsWith(start, StringComparison.Ordinal)).Select(file => file[start.Length..]));
            }

            return paths;
        }

        return new WheelTree(IsPurelib(wheel.ReadText($"{wheel.Info}/WHEEL", TextLimit)), wheel.Info)
        {
            Library = Sorted(wheel.Files.Where(file => !file.StartsWith(data, StringComparison.Ordinal)).Concat(Below("purelib", "platlib"))),
            Programs = Sorted(Below("scripts").Concat(wheel.Has(entries) ? EntryPoints.Programs(wheel.ReadText(entries, TextLimit)) : [])),
            Data = Sorted(Below("data")),
        };
    }

    private static bool IsPurelib(string text) => text.ReplaceLineEndings("\n").Split('\n').Any(line =>
        line.Split(':', 2) is [var name, var value] && name.Trim().Equals("Root-Is-Purelib", StringComparison.OrdinalIgnoreCase) && value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase));

    private static ImmutableArray<string> Sorted(IEnumerable<string> paths) => [.. paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
