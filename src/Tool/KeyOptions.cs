using System.CommandLine;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool;

/// <summary>How a command that signs gets at its secret key. The values of secrets are never options: files and descriptors are.</summary>
internal sealed class KeyOptions
{
    public Option<string> File { get; } = new("--key-file") { HelpName = "file", Description = "A file (0600, your own) with the exported secret key, used for this run alone." };

    public Option<int?> Descriptor { get; } = new("--key-fd") { HelpName = "n", Description = "The same through a descriptor that you opened: --key-fd 3 3<FILE." };

    public Option<int?> Passphrase { get; } = new("--passphrase-fd") { HelpName = "n", Description = "A descriptor with the key's passphrase, in its first line." };

    /// <summary>Reads what was handed over. To be called before anything else is started.</summary>
    public KeyAccess Read(ParseResult parsed, Session session) => KeyAccess.Read(new KeyOrigin
    {
        File = parsed.GetValue(File) is { } file ? session.Resolve(file) : null,
        Descriptor = parsed.GetValue(Descriptor),
        PassphraseDescriptor = parsed.GetValue(Passphrase),
    });
}
