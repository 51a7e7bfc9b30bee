namespace DotnetRelease.Containers;

/// <summary>What the kernel does with programs of another machine (binfmt_misc): it starts an interpreter, which is qemu-user.</summary>
/// <param name="Interpreter">Full path of it.</param>
/// <param name="IsEnabled">Whether the kernel uses it.</param>
/// <param name="IsOpen">
/// Whether the kernel opened the interpreter when it was registered (flag F): only then it is found by programs in a container, whose root does not have it.
/// </param>
public sealed record BinfmtEntry(string Interpreter, bool IsEnabled, bool IsOpen)
{
    private const string Folder = "/proc/sys/fs/binfmt_misc";

    /// <summary>The entry of this machine for one of qemu's machines; null when there is none.</summary>
    /// <param name="machine">As qemu calls it: <c>aarch64</c>, <c>s390x</c>, ….</param>
    public static BinfmtEntry? Find(string machine)
    {
        try
        {
            var path = $"{Folder}/qemu-{machine}";
            return File.Exists(path) ? Parse(File.ReadAllText(path)) : null;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the text of an entry; null when it names no interpreter.</summary>
    public static BinfmtEntry? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.Split('\n');
        string? Value(string name) => Array.Find(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();
        return Value("interpreter") is { Length: > 0 } interpreter
            ? new(interpreter, lines[0].Trim() is "enabled", Value("flags:")?.Contains('F', StringComparison.Ordinal) is true)
            : null;
    }
}
