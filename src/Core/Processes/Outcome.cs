using System.Text;

namespace DotnetRelease.Processes;

/// <summary>What a finished program left behind.</summary>
/// <param name="ExitCode">0 means success by convention; 128+N when signal N ended it.</param>
/// <param name="OutputBytes">Standard output, exactly.</param>
/// <param name="Error">Standard error as text.</param>
public sealed record Outcome(int ExitCode, ReadOnlyMemory<byte> OutputBytes, string Error)
{
    /// <summary>Standard output as UTF-8 text.</summary>
    public string Output => Encoding.UTF8.GetString(OutputBytes.Span);
}
