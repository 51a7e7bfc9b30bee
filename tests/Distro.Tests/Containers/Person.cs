using System.Globalization;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>Somebody who runs the tool: ourselves, or an ordinary user who is made for one test when we are root. Has a private home.</summary>
internal sealed class Person : IAsyncDisposable
{
    private readonly Scratch _scratch = new();
    private readonly string? _name;
    private readonly string _user;

    private Person(string? name, string user)
    {
        (_name, _user) = (name, user);

        // The checkout may lie where this user cannot look.
        File.SetUnixFileMode(_scratch.Root, (UnixFileMode)0b111_101_101);
        Copy(AppContext.BaseDirectory, _scratch.Folder("tool"));
        Home = _scratch.Folder("home");
        File.SetUnixFileMode(Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static bool AreWeRoot => Environment.UserName is "root";

    public string Home { get; }

    /// <summary>Ourselves.</summary>
    public static Person Us() => new(null, "");

    /// <summary>A user with a range of ids; ourselves when we are one already.</summary>
    public static async Task<Person> OrdinaryAsync(CancellationToken ct)
    {
        if (!AreWeRoot)
        {
            return Us();
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"drtest{Environment.ProcessId}{Random.Shared.Next(1000)}");
        await Exec.ReadAsync(new Command("useradd", "--no-create-home", name), ct);
        return await new Person(name, name).OwnHomeAsync(ct);
    }

    /// <summary>A user of the system, who has no range of ids.</summary>
    public static async Task<Person> NobodyAsync(CancellationToken ct) => await new Person(null, "nobody").OwnHomeAsync(ct);

    /// <summary>A rootfs file that this person can read.</summary>
    public string Write(string name, byte[] content)
    {
        var path = _scratch[name];
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        return path;
    }

    /// <summary>The tool with arguments, as a command to run.</summary>
    public Command Tool(params string[] arguments) => Run(["dotnet", Path.Combine(_scratch["tool"], "dotnet-release.dll"), .. arguments]);

    /// <summary>Any program as this person.</summary>
    public Command Run(params string[] program)
    {
        string[] all = _user.Length is 0 ? program : ["setpriv", "--reuid", _user, "--regid", _user is "nobody" ? "nogroup" : _user, "--init-groups", "--", .. program];
        return new Command(all[0], [.. all[1..]]) { WorkingDirectory = Home }
            .With("HOME", Home).With("XDG_CACHE_HOME", null).With("XDG_DATA_HOME", null).With("XDG_CONFIG_HOME", null);
    }

    /// <summary>Folders of sessions that still are, in every store of this person.</summary>
    public string[] Sessions() => Stores("sessions");

    /// <summary>Unpacked layers under their final names.</summary>
    public string[] Layers() => Stores("layers");

    public async ValueTask DisposeAsync()
    {
        // Files of the container's ids go only as root, or from inside.
        if (AreWeRoot)
        {
            await Exec.RunAsync(new Command("rm", "-rf", Home), CancellationToken.None);
        }
        else
        {
            await new DotnetRelease.Containers.EmbeddedEngine(new(_scratch["none"], Path.Combine(Home, ".local/share/dotnet-release"))).PruneAsync(_ => false, _ => false, CancellationToken.None);
        }

        _scratch.Dispose();
        if (_name is not null)
        {
            // Podman leaves a process that keeps this user's namespaces, and a user who has one cannot be removed.
            await Exec.RunAsync(new Command("pkill", "-KILL", "-u", _name), CancellationToken.None);
            await Exec.RunAsync(new Command("userdel", "--force", _name), CancellationToken.None);
        }
    }

    private string[] Stores(string kind)
    {
        var data = Path.Combine(Home, ".local/share/dotnet-release");
        return Directory.Exists(data)
            ? [.. Directory.EnumerateDirectories(data).Select(store => Path.Combine(store, kind)).Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries)]
            : [];
    }

    private async Task<Person> OwnHomeAsync(CancellationToken ct)
    {
        await Exec.ReadAsync(new Command("chown", _user, Home), ct);
        return this;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
