using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>
/// Folders outside of an image that nobody may touch, although everybody has the right to. Whether anybody did, the kernel tells: each
/// change of content, name, owner, mode, link or attribute sets a file's change time, which no program can set back.
/// </summary>
public sealed partial class Canary : IDisposable
{
    private const string Untouched = "untouched";

    private readonly List<string> _made = [];
    private string[] _folders = [];
    private string _before = "";

    /// <summary>
    /// A folder that everybody may write, with <c>file</c>, <c>link</c>, <c>dir</c> and <c>dir/inner</c>. Not below <c>/tmp</c>, which root's
    /// containers do not even see: there nothing would be shown.
    /// </summary>
    public string Outside { get; } = Path.Combine("/var/tmp", "dr-" + Path.GetRandomFileName());

    /// <summary>Lays everything out and remembers it.</summary>
    /// <param name="folders">More folders to watch: as they are, or like <see cref="Outside"/> where there is nothing.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task PlaceAsync(IEnumerable<string> folders, CancellationToken ct)
    {
        _folders = [Outside, .. folders];
        foreach (var folder in _folders.Where(folder => !Directory.Exists(folder)))
        {
            Directory.CreateDirectory(folder);
            _made.Add(folder);
            Fill(folder);
        }

        _before = await LookAsync(ct);
    }

    /// <summary>Fails when anything is not as it was, and says what.</summary>
    public async Task AssertUntouchedAsync(string after, CancellationToken ct)
    {
        var now = await LookAsync(ct);
        if (now != _before)
        {
            var lines = now.Split('\n');
            var old = _before.Split('\n');
            Assert.Fail($"'{after}' reached the machine: was {string.Join(" | ", old.Except(lines, StringComparer.Ordinal))}, is {string.Join(" | ", lines.Except(old, StringComparer.Ordinal))}");
        }
    }

    public void Dispose()
    {
        foreach (var folder in _made.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(string folder)
    {
        const UnixFileMode all = (UnixFileMode)0b111_111_111;
        Directory.CreateDirectory(Path.Combine(folder, "dir"));
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "file");
        foreach (var name in (string[])["file", "dir/inner"])
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, Untouched);
            File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddDays(1));
            _ = setxattr(path, "user.canary", Encoding.ASCII.GetBytes(Untouched), Untouched.Length, 0);
        }

        File.SetUnixFileMode(Path.Combine(folder, "dir"), all);
        File.SetUnixFileMode(folder, all);
    }

    private async Task<string> LookAsync(CancellationToken ct)
    {
        var names = await Exec.ReadAsync(new Command("find", [.. _folders, "-printf", "%p %y mode %m owner %U:%G links %n size %s inode %i modified %T@ changed %C@ %l\n"]), ct);
        var lines = names.Output.Split('\n').ToList();
        foreach (var file in _folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })))
        {
            var value = new byte[256];
            var length = lgetxattr(file, "user.canary", value, value.Length);
            lines.Add($"{file} {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, ct)))} {Encoding.ASCII.GetString(value, 0, Math.Max(0, (int)length))}");
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setxattr(string path, string name, byte[] value, nint length, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint lgetxattr(string path, string name, byte[] value, nint length);
}
