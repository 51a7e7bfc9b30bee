namespace DotnetRelease.WheelFiles;

/// <summary>The programs that an installer makes from <c>entry_points.txt</c>.</summary>
internal static class EntryPoints
{
    /// <summary>The names before the equals signs of <c>[console_scripts]</c> and <c>[gui_scripts]</c>, as they stand there.</summary>
    public static IEnumerable<string> Programs(string text)
    {
        var isPrograms = false;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith('['))
            {
                isPrograms = line is "[console_scripts]" or "[gui_scripts]";
            }
            else if (isPrograms && line.Split('=')[0].Trim() is { Length: > 0 } name && line[0] is not ('#' or ';'))
            {
                yield return name;
            }
        }
    }
}
