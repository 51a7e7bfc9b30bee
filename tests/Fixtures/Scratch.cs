using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>A folder for one test, removed afterwards.</summary>
public sealed class Scratch : IDisposable
{
    /// <summary>The folder's full path; short enough for a GnuPG home with its sockets.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("dr-").FullName;

    /// <summary>A path below the folder.</summary>
    public string this[string relative] => Path.Combine(Root, relative);

    /// <summary>Writes a text file below the folder and returns its path.</summary>
    public string Write(string relative, string text) => Write(relative, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file of bytes and returns its path.</summary>
    public string Write(string relative, byte[] bytes)
    {
        var path = this[relative];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>The text of a file.</summary>
    public string Read(string relative) => File.ReadAllText(this[relative]);

    /// <summary>Creates a folder below the folder and returns its path.</summary>
    public string Folder(string relative) => Directory.CreateDirectory(this[relative]).FullName;

    /// <summary>Another folder with the same in it.</summary>
    public async Task<Scratch> CopyAsync()
    {
        var copy = new Scratch();
        await copy.BecomeAsync(this);
        return copy;
    }

    /// <summary>Removes what is in the folder, and copies what is in another one.</summary>
    public async Task BecomeAsync(Scratch other)
    {
        Directory.Delete(Root, recursive: true);
        await Exec.ReadAsync(new Command("cp", "-a", other.Root, Root), CancellationToken.None);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
