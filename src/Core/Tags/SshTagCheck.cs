using DotnetRelease.Processes;

namespace DotnetRelease.Tags;

/// <summary>
/// One ssh-keygen, with a file of allowed signers that we wrote and that holds one key. What the signature claims was looked at before:
/// the key is on the list, it is no certificate, and it was made for git.
/// </summary>
internal sealed class SshTagCheck(MaintainerList list, string folder)
{
    /// <summary>A name in the file of allowed signers may be a pattern, so it is not the person's.</summary>
    private const string Principal = "maintainer";

    internal async Task<TagSigner> CheckAsync(TagObject tag, CancellationToken ct)
    {
        var signature = SshSignature.TryParse(tag.Signature!.Text, out var refusal)
            ?? throw new ReleaseException(Fault.TagSignatureBad, $"The tag \"{tag.Name}\" has an ssh signature that {refusal}.");
        var maintainer = list.Maintainers.FirstOrDefault(each => each.Key is SshMaintainerKey key && key.Key == signature.Key)
            ?? throw new ReleaseException(Fault.TagSignerUnknown, $"The tag \"{tag.Name}\" is signed by the ssh key {signature.Key.Fingerprint}, which is not on the list. {list.Source}")
            {
                Remedy = TagGate.Listed(list),
            };

        var (signers, file) = (Path.Combine(folder, "allowed-signers"), Path.Combine(folder, "tag.sig"));
        await File.WriteAllTextAsync(signers, $"{Principal} namespaces=\"{SshSignature.Namespace}\" {signature.Key.Type} {signature.Key.Base64}\n", ct);
        await File.WriteAllTextAsync(file, tag.Signature.Text + "\n", ct);
        var outcome = await Exec.RunAsync(
            new Command("ssh-keygen", "-Y", "verify", "-f", signers, "-I", Principal, "-n", SshSignature.Namespace, "-s", file) { Input = tag.Payload }, ct);
        return outcome.ExitCode is 0 && outcome.Output.StartsWith($"Good \"{SshSignature.Namespace}\" signature for {Principal} ", StringComparison.Ordinal)
            ? new TagSigner(maintainer, signature.Key.Fingerprint, tag.Made)
            : throw new ReleaseException(Fault.TagSignatureBad, $"The tag \"{tag.Name}\" has a wrong signature that claims to be by {maintainer}: its text was changed, or the signature belongs to another.");
    }
}
