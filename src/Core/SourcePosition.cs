namespace DotnetRelease;

/// <summary>A place in a text file that a person can jump to.</summary>
/// <param name="File">Path as the user gave it.</param>
/// <param name="Line">Counted from 1; 0 when only the file is known.</param>
/// <param name="Column">Counted from 1 in characters; 0 when only the line is known.</param>
public readonly record struct SourcePosition(string File, int Line = 0, int Column = 0)
{
    /// <summary><c>file(line,col)</c>, the form that MSBuild, GitHub and editors recognise.</summary>
    public override string ToString() => (Line, Column) switch
    {
        (0, _) => File,
        (_, 0) => $"{File}({Line})",
        _ => $"{File}({Line},{Column})",
    };
}
