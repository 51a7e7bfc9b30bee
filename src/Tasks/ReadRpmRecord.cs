using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>The packages of the last build as items, also when there was nothing to build.</summary>
public sealed class ReadRpmRecord : Microsoft.Build.Utilities.Task
{
    /// <summary>The record of the build.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <summary>
    /// One item for each package. Identity is its full path; metadata: <c>Rpm</c>, <c>RpmTarget</c>, <c>Nevra</c>, <c>Sha256</c>, <c>HeaderSha256</c>,
    /// <c>State</c> (<c>built</c>, <c>up-to-date</c>, <c>signed</c>) and <c>Signer</c>.
    /// </summary>
    [Output]
    public ITaskItem[] Files { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        Files = [.. RpmRecord.Read(Record).Select(file => file.ToItem())];
        return true;
    }
}
