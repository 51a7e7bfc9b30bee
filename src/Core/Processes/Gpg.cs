using System.Collections.Immutable;

namespace DotnetRelease.Processes;

/// <summary>
/// gpg on one home. Options of the user's <c>gpg.conf</c> are not read, so that results are the same everywhere; the agent, with its
/// cards and its way to ask for a passphrase, is the user's own. No secret ever passes through here.
/// </summary>
/// <param name="home">The home; null: the user's own, <c>GNUPGHOME</c> or <c>~/.gnupg</c>.</param>
public sealed class Gpg(string? home = null)
{
    /// <summary>OpenPGP's numbers of SHA-256, SHA-384 and SHA-512.</summary>
    private static readonly int[] StrongHashes = [8, 9, 10];

    private static readonly Lazy<string> Found = new(() => Exec.Find("gpg") ?? throw new ReleaseException(Fault.ToolMissing, "The program 'gpg' is not installed.")
    {
        Remedy = "Install GnuPG: apt-get install gnupg, or dnf install gnupg2.",
    }, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Whether somebody could be asked for a passphrase; when not, only what the agent already holds is used.</summary>
    public bool IsAttended { get; init; } = Terminal.IsAttended();

    /// <summary>What the agent is told when it asks; null: it asks a person, or fails when there is none.</summary>
    public Passphrase? Passphrase { get; init; }

    /// <summary>Whether a signature's hash may be relied on.</summary>
    public static bool IsStrong(int hashAlgorithm) => StrongHashes.Contains(hashAlgorithm);

    /// <summary>A gpg call in this home that never asks on a terminal by itself.</summary>
    public Command Command(params ReadOnlySpan<string> arguments) =>
        new(Found.Value, [.. home is null ? (string[])[] : ["--homedir", home], "--batch", "--no-options", "--no-tty", "--no-auto-check-trustdb", .. arguments]);

    /// <summary>Lists certificates whose public part is here.</summary>
    /// <param name="which">A fingerprint or a part of a name; empty for all.</param>
    /// <param name="ct">Ends gpg.</param>
    public Task<ImmutableArray<GpgCertificate>> ListAsync(string which, CancellationToken ct) =>
        ListAsync(["--no-autostart", "--with-colons", "--list-sigs", "--", .. Named(which)], ct);

    /// <summary>Lists certificates of which some secret part can be used, through the agent; with the self-signatures, as the other list.</summary>
    /// <param name="which">A fingerprint or a part of a name; empty for all.</param>
    /// <param name="ct">Ends gpg.</param>
    public Task<ImmutableArray<GpgCertificate>> ListSecretAsync(string which, CancellationToken ct) =>
        ListAsync(["--with-colons", "--with-keygrip", "--with-sig-list", "--list-secret-keys", "--", .. Named(which)], ct);

    /// <summary>Takes public certificates into the home.</summary>
    /// <returns>gpg's status lines; <c>IMPORT_RES</c> counts.</returns>
    public Task<GpgStatus> ImportAsync(ReadOnlyMemory<byte> certificates, CancellationToken ct) => ImportAsync(certificates, autostart: false, ct);

    /// <summary>The same; secret parts need the agent.</summary>
    internal async Task<GpgStatus> ImportAsync(ReadOnlyMemory<byte> keys, bool autostart, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command([.. autostart ? (string[])[] : ["--no-autostart"], "--status-fd", "1", "--import"]) with { Input = keys }, ct);
        return GpgStatus.Parse(outcome.Output);
    }

    /// <summary>The public certificate without other people's signatures on it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: there is none of that name.</exception>
    public async Task<ReadOnlyMemory<byte>> ExportAsync(string fingerprint, bool armor, CancellationToken ct)
    {
        // The armor's version line would differ from machine to machine.
        string[] form = armor ? ["--armor", "--no-emit-version"] : [];
        var outcome = await Exec.RunAsync(Command(["--no-autostart", .. form, "--export-options", "export-minimal", "--export", "--", fingerprint.TrimEnd('!')]), ct);
        return outcome.ExitCode is 0 && outcome.OutputBytes.Length > 0
            ? outcome.OutputBytes
            : throw new ReleaseException(Fault.KeyUnusable, $"The public key {fingerprint} is not in the keyring of {Where}.")
            {
                Remedy = $"See what is there: gpg --list-keys {fingerprint.TrimEnd('!')}",
            };
    }

    /// <summary>Signs bytes with SHA-256 and gives the detached signature.</summary>
    /// <param name="key">A full fingerprint; with a closing <c>!</c> exactly that key, else gpg takes the newest subkey that may sign.</param>
    /// <param name="data">What to sign; goes to gpg over a pipe.</param>
    /// <param name="armor">As text, or as bytes.</param>
    /// <param name="ct">Ends gpg.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.SigningFailed"/>.</exception>
    public async Task<ReadOnlyMemory<byte>> SignAsync(string key, ReadOnlyMemory<byte> data, bool armor, CancellationToken ct)
    {
        string[] form = armor ? ["--armor", "--no-emit-version"] : [];
        var command = Command([.. IsAttended ? (string[])[] : ["--pinentry-mode", "error"], "--trust-model", "always", "--digest-algo", "SHA256", "--local-user", key, "--status-fd", "2", .. form, "--detach-sign"]);
        var outcome = await Exec.RunAsync(Terminal.Announce(command) with { Input = data }, ct);

        var created = GpgStatus.Parse(outcome.Error).Find("SIG_CREATED");
        return outcome.ExitCode is 0 && created is [.., var by] && IsAskedFor(by, key) && outcome.OutputBytes.Length > 0
            ? outcome.OutputBytes
            : throw new ReleaseException(Fault.SigningFailed, $"gpg did not sign with {key}: {GpgFailure.Reason(outcome)}.") { Remedy = GpgFailure.Remedy(outcome.Error, key) };
    }

    /// <summary>Checks a detached signature over a file against the certificates in this home.</summary>
    public async Task<GpgStatus> VerifyAsync(string signaturePath, string dataPath, CancellationToken ct)
    {
        var outcome = await Exec.RunAsync(Command([.. Offline, "--verify", "--", signaturePath, dataPath]), ct);
        return GpgStatus.Parse(outcome.Output);
    }

    /// <summary>Options of every verification: no network, no agent, and who owns a key is not gpg's to judge.</summary>
    internal static ImmutableArray<string> Offline { get; } =
        ["--no-autostart", "--disable-dirmngr", "--no-auto-key-retrieve", "--trust-model", "always", "--status-fd", "1"];

    /// <summary>The home, for messages.</summary>
    internal string Where => home ?? Environment.GetEnvironmentVariable("GNUPGHOME") ?? "~/.gnupg";

    /// <summary>The agent listens on a socket in the home, and the kernel allows 107 bytes for the path of a socket.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: the home's path is too long.</exception>
    internal async Task CheckSocketAsync(CancellationToken ct)
    {
        const int most = 107;
        const string socketName = "/S.gpg-agent";
        if (Where.Length + socketName.Length <= most)
        {
            return;
        }

        // Where the system has a run-time folder for each user, gpg puts the socket there under a short name.
        var length = (await AgentSocketAsync(ct)).Length;
        if (length > most)
        {
            throw new ReleaseException(Fault.KeyUnusable, $"The GnuPG home '{Where}' is too long: the path of its agent's socket has {length} bytes, and the system allows {most}.")
            {
                Remedy = "Use a shorter GNUPGHOME, for example a link to it: ln -s HOME /tmp/gh && export GNUPGHOME=/tmp/gh",
            };
        }
    }

    /// <summary>Where the agent listens; whether it runs is another question.</summary>
    internal async Task<string> AgentSocketAsync(CancellationToken ct) =>
        (await Exec.RunAsync(Configuration("--list-dirs", "agent-socket"), ct)).Output.TrimEnd();

    /// <summary>Starts the agent when it does not run.</summary>
    internal Task LaunchAgentAsync(CancellationToken ct) => Exec.RunAsync(Configuration("--launch", "gpg-agent"), ct);

    /// <summary>An agent that talks over its standard input and output, to us alone.</summary>
    internal Command AgentServer() => new("gpg-agent", [.. home is null ? (string[])[] : ["--homedir", home], "--server", "--quiet"]);

    private Command Configuration(params string[] arguments) => new("gpgconf", [.. home is null ? (string[])[] : ["--homedir", home], .. arguments]);

    private static string[] Named(string which) => which.Length is 0 ? [] : [which];

    private async Task<ImmutableArray<GpgCertificate>> ListAsync(string[] arguments, CancellationToken ct) =>
        GpgColons.Parse((await Exec.RunAsync(Command(arguments), ct)).Output);

    /// <summary>With a closing <c>!</c> no other key may have signed; without, gpg was free to choose a subkey.</summary>
    private static bool IsAskedFor(string signer, string key) =>
        !key.EndsWith('!') || string.Equals(signer, key[..^1], StringComparison.OrdinalIgnoreCase);
}
