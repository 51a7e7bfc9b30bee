using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>A throw-away ssh key without passphrase, removed with the test run.</summary>
/// <param name="Path">The secret part; the public one is beside it, with <c>.pub</c>.</param>
/// <param name="Public">The line of the public part.</param>
public sealed record SshTestKey(string Path, string Public)
{
    private static readonly Lazy<Task<SshTestKey>> LazyEd25519 = new(() => MakeAsync("ed25519"));

    /// <summary>Ed25519, made once per process.</summary>
    public static Task<SshTestKey> Ed25519 => LazyEd25519.Value;

    /// <summary>Makes a key.</summary>
    /// <param name="type">As <c>ssh-keygen -t</c> names it.</param>
    /// <param name="options">More for ssh-keygen.</param>
    public static async Task<SshTestKey> MakeAsync(string type, params string[] options)
    {
        var path = System.IO.Path.Combine(Leftovers.NewFolder(), "key");
        await Exec.ReadAsync(new Command("ssh-keygen", ["-q", "-t", type, .. options, "-N", "", "-C", "test", "-f", path]), CancellationToken.None);
        return new(path, (await File.ReadAllTextAsync(path + ".pub")).Trim());
    }

    /// <summary>A signature as text.</summary>
    /// <param name="payload">What to sign.</param>
    /// <param name="space">What for; git signs for <c>git</c>.</param>
    /// <param name="hash"><c>sha256</c> or <c>sha512</c>.</param>
    /// <param name="key">Another file than the key's own: its certificate.</param>
    public async Task<byte[]> SignAsync(byte[] payload, string space = "git", string hash = "sha512", string? key = null) =>
        (await Exec.ReadAsync(new Command("ssh-keygen", "-Y", "sign", "-n", space, "-O", $"hashalg={hash}", "-f", key ?? Path) { Input = payload }, CancellationToken.None)).OutputBytes.ToArray();
}
