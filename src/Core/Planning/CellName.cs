namespace DotnetRelease.Planning;

/// <summary>The name of one cell of the build matrix, <c>python3-pyside6@fedora-43/x86_64</c>: an RPM, a target, one of its machines.</summary>
/// <param name="Rpm">The settings' name of it.</param>
/// <param name="Target">The settings' name of it.</param>
/// <param name="Arch">In RPM's words; null: every machine of the target.</param>
public sealed record CellName(string Rpm, string Target, string? Arch)
{
    /// <summary>Reads <c>NAME@TARGET</c> or <c>NAME@TARGET/ARCH</c>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>.</exception>
    public static CellName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.LastIndexOf('@') is not (> 0 and var at) || text[(at + 1)..].Split('/') is not [{ Length: > 0 } target, ..] parts || parts.Length > 2 || parts[^1].Length is 0)
        {
            throw new ReleaseException(Fault.Usage, $"'{text}' names no build; one is NAME@TARGET or NAME@TARGET/ARCH.")
            {
                Remedy = "See them: dotnet release plan --matrix github",
            };
        }

        return new(text[..at], target, parts is [_, var arch] ? arch : null);
    }

    /// <summary>Whether it means this RPM on this machine of this target.</summary>
    public bool Means(string rpm, string target, string arch) => Rpm == rpm && Target == target && (Arch is null || Arch == arch);

    /// <summary>As it is typed.</summary>
    public override string ToString() => Arch is null ? $"{Rpm}@{Target}" : $"{Rpm}@{Target}/{Arch}";
}
