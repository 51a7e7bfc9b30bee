using System.Globalization;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// A project with a list of maintainers, on branch <c>main</c>, in version 1.0.0. Tag objects are written byte by byte, because git does
/// not make forged ones.
/// </summary>
public sealed class TagProject : IDisposable
{
    private readonly GitProject _git;

    private TagProject(GitProject git) => _git = git;

    /// <summary>Root of the work tree.</summary>
    public string Root => _git.Root;

    /// <summary>The commit that is checked out, and that has the list.</summary>
    public string Commit { get; private set; } = "";

    /// <summary>A project whose list is <paramref name="list"/>, with the certificates of keys in <c>keys/</c>.</summary>
    /// <param name="list">Text of <c>maintainers.toml</c>; null: there is none.</param>
    /// <param name="keys">File names and keys.</param>
    public static async Task<TagProject> CreateAsync(string? list, params (string File, TestKey Key)[] keys)
    {
        var project = new TagProject(await GitProject.CreateAsync());
        project.Write("release.toml", "[project]\nname = \"server\"\nversion-files = [\"VERSION\"]\n");
        project.Write("VERSION", "1.0.0\n");
        project.Write(".gitignore", ".release/\n");
        foreach (var (file, key) in keys)
        {
            project.Write(file, Encoding.ASCII.GetString((await key.PublicAsync(armor: true)).Span));
        }

        if (list is not null)
        {
            project.Write("maintainers.toml", list);
        }

        await project.CommitAsync("one");
        return project;
    }

    /// <summary>The usual entry of a list.</summary>
    public static string Entry(string name, string fingerprint, string rest = "packages = [\"server\"]\nchannels = [\"stable\"]") =>
        $"[[maintainer]]\nname = \"{name}\"\nfingerprint = \"{fingerprint}\"\nkey = \"keys/{name}.asc\"\n{rest}\n\n";

    /// <summary>The entry of somebody with an ssh key.</summary>
    public static string SshEntry(string name, string key, string rest = "packages = [\"server\"]\nchannels = [\"stable\"]") =>
        $"[[maintainer]]\nname = \"{name}\"\nssh = \"{key.Trim()}\"\n{rest}\n\n";

    /// <summary>A project where alice, with <see cref="TestKey.Ed25519"/>, may release <c>server</c> to <c>stable</c>.</summary>
    public static async Task<TagProject> OfAliceAsync()
    {
        var alice = await TestKey.Ed25519;
        return await CreateAsync(Entry("alice", alice.Fingerprint), ("keys/alice.asc", alice));
    }

    /// <summary>Writes a file of the work tree; null removes it.</summary>
    public void Write(string path, string? text) => _git.Write(path, text);

    /// <summary>Commits everything; <see cref="Commit"/> moves along.</summary>
    public async Task<string> CommitAsync(string message) => Commit = await _git.CommitAsync(message);

    /// <summary>Runs git and gives what it printed.</summary>
    public async Task<string> GitAsync(params string[] arguments) => (await _git.GitAsync(arguments)).TrimEnd('\n');

    /// <summary>What is signed in a tag, as git writes it.</summary>
    /// <param name="name">The name inside.</param>
    /// <param name="target">Null: <see cref="Commit"/>.</param>
    /// <param name="type">What the target is.</param>
    /// <param name="made">Null: now.</param>
    public byte[] Payload(string name = "v1.0.0", string? target = null, string type = "commit", DateTimeOffset? made = null) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"object {target ?? Commit}\ntype {type}\ntag {name}\ntagger Alice <alice@example.org> {(made ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds()} +0000\n\nThe release\n"));

    /// <summary>An armored OpenPGP signature.</summary>
    /// <param name="payload">What to sign.</param>
    /// <param name="key">Whose secret key.</param>
    /// <param name="options">For gpg, before <c>--detach-sign</c>.</param>
    public static async Task<byte[]> SignAsync(byte[] payload, TestKey key, params string[] options)
    {
        string[] user = options.Contains("--local-user") ? [] : ["--local-user", key.Fingerprint];
        var command = key.Gpg.Command(["--no-emit-version", "--armor", .. user, .. options, "--detach-sign"]) with { Input = payload };
        return (await Exec.ReadAsync(command, CancellationToken.None)).OutputBytes.ToArray();
    }

    /// <summary>Lets a tag's ref point to a new object of these bytes, without asking whether git would.</summary>
    /// <returns>Id of the object.</returns>
    public async Task<string> StoreAsync(string name, params byte[][] parts)
    {
        var command = new Command("git", "-C", Root, "hash-object", "-t", "tag", "-w", "--literally", "--stdin") { Input = parts.SelectMany(part => part).ToArray() };
        var id = (await Exec.ReadAsync(command, CancellationToken.None)).Output.Trim();
        var file = Path.Combine(Root, ".git", "refs", "tags", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, id + "\n");
        return id;
    }

    /// <summary>A well-signed tag of <see cref="Commit"/>.</summary>
    public async Task<string> TagAsync(string name, TestKey key, params string[] options)
    {
        var payload = Payload(name);
        return await StoreAsync(name, payload, await SignAsync(payload, key, options));
    }

    /// <summary>The ledger's text; empty when there is none.</summary>
    public string Ledger => Path.Combine(Root, ".release", "ledger.jsonl") is var path && File.Exists(path) ? File.ReadAllText(path) : "";

    public void Dispose() => _git.Dispose();
}
