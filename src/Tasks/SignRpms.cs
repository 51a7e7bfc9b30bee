using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>Signs packages: the rule behind <c>sign</c>. What is well signed already is not touched.</summary>
public sealed class SignRpms : KeyTask
{
    /// <summary>The packages, as <see cref="ReadRpmRecord"/> gave them.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Full fingerprint of the key; empty: <c>signing.key</c> of the settings. A secret never comes this way.</summary>
    public string Key { get; set; } = "";

    /// <summary>Where the packages are written down for <see cref="ReadRpmRecord"/>.</summary>
    [Required]
    public string Record { get; set; } = "";

    /// <inheritdoc/>
    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken ct)
    {
        var workspace = await OpenAsync(ct);
        var key = Optional(Key) ?? workspace.Settings.Signing?.Key
            ?? throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: neither DotnetReleaseKey nor signing.key in the settings.")
            {
                Remedy = "See the fingerprints: gpg --list-secret-keys",
            };
        await EventOrigin.RequireTrustedAsync("DotnetReleaseSign", ProjectFolder, ct);
        var files = Files.Select(RpmRecord.Of).ToDictionary(file => file.Path, StringComparer.Ordinal);
        if (files.Count > 0)
        {
            await using var home = await Access.OpenAsync(ct);
            await using var signer = await RpmSigner.OpenAsync(home.Gpg, key, ct);
            foreach (var (rpm, isNew) in await signer.SignAsync([.. files.Keys], ct))
            {
                files[rpm.File.Path] = files[rpm.File.Path] with { Sha256 = rpm.File.Sha256.Hex, State = "signed", Signer = rpm.Signature.PrimaryFingerprint };
                Log.LogMessage(MessageImportance.High, "{0} {1} by {2}", isNew ? "signed" : "already signed", rpm.File.Path, rpm.Signature.SigningFingerprint);
            }
        }

        RpmRecord.Write(Record, files.Values);
    }
}
