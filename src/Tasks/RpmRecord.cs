using System.Text.Json;
using DotnetRelease.Runs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace DotnetRelease.Tasks;

/// <summary>A package of an earlier build, as the items tell it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Rpm">The settings' name of it.</param>
/// <param name="Target">The settings' name of it.</param>
/// <param name="Nevra">What it is.</param>
/// <param name="Sha256">Digest of the file in hex.</param>
/// <param name="HeaderSha256">Digest of its main header in hex.</param>
/// <param name="State"><c>built</c>, <c>up-to-date</c> or <c>signed</c>.</param>
/// <param name="Signer">Fingerprint; empty when nobody of ours signed it.</param>
internal sealed record RpmRecord(string Path, string Rpm, string Target, string Nevra, string Sha256, string HeaderSha256, string State, string Signer)
{
    /// <summary>MSBuild keeps the name <c>Target</c> for itself.</summary>
    private const string RpmTarget = "RpmTarget";

    /// <summary>The files of a result.</summary>
    public static IEnumerable<RpmRecord> Of(RpmResult result) => result.Files.Select(file => new RpmRecord(
        file.File.Path,
        result.Rpm,
        result.Target,
        file.File.Nevra.ToString(),
        file.File.Sha256.Hex,
        file.File.HeaderSha256.Hex,
        result.State is RpmState.Built ? "built" : "up-to-date",
        file.Signature?.PrimaryFingerprint ?? ""));

    /// <summary>Reads what <see cref="Write"/> wrote; nothing when there is no such file or it is none of ours.</summary>
    public static RpmRecord[] Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<RpmRecord[]>(File.ReadAllBytes(path)) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Remembers files until the next build; a build that changed nothing writes too, for the time of the file.</summary>
    public static void Write(string path, IEnumerable<RpmRecord> files)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(files.ToArray()));
    }

    /// <summary>The item of a file.</summary>
    public TaskItem ToItem()
    {
        var item = new TaskItem(Path);
        item.SetMetadata(nameof(Rpm), Rpm);
        item.SetMetadata(RpmTarget, Target);
        item.SetMetadata(nameof(Nevra), Nevra);
        item.SetMetadata(nameof(Sha256), Sha256);
        item.SetMetadata(nameof(HeaderSha256), HeaderSha256);
        item.SetMetadata(nameof(State), State);
        item.SetMetadata(nameof(Signer), Signer);
        return item;
    }

    /// <summary>The file of an item.</summary>
    public static RpmRecord Of(ITaskItem item)
    {
        return new(Full(item), Text(nameof(Rpm)), Text(RpmTarget), Text(nameof(Nevra)), Text(nameof(Sha256)), Text(nameof(HeaderSha256)), Text(nameof(State)), Text(nameof(Signer)));

        string Text(string name) => item.GetMetadata(name);
    }

    private static string Full(ITaskItem item) => item.GetMetadata("FullPath");
}
