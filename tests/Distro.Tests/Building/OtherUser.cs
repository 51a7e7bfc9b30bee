using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>
/// Somebody who is not root: when root runs the tests, a user made for them, with a range in /etc/subuid; else whoever runs them. Has a home, a
/// copy of the tool that everybody can read, and places of their own.
/// </summary>
internal sealed class OtherUser : IAsyncDisposable
{
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly Scratch _scratch = new();
    private readonly string? _name;

    private OtherUser(string? name)
    {
        _name = name;
        File.SetUnixFileMode(_scratch.Root, EverybodyReads);
        BuildProject.CopyTree(AppContext.BaseDirectory, _scratch["tool"]);
        Home = _scratch.Folder("home");
    }

    /// <summary>Belongs to the user.</summary>
    public string Home { get; }

    public static async Task<OtherUser> MakeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new(null);
        }

        // useradd gives the user a range in /etc/subuid and /etc/subgid.
        var name = $"dr-test-{Environment.ProcessId}";
        await Exec.ReadAsync(new Command("useradd", "--no-create-home", "--shell", "/bin/sh", name), CancellationToken.None);
        return new(name);
    }

    /// <summary>Gives the user a copy of a project, without what was built in it; its folder.</summary>
    public async Task<string> CopyAsync(BuildProject project, string name, CancellationToken ct)
    {
        var copy = Path.Combine(Home, name);
        BuildProject.CopyTree(project.Root, copy);
        foreach (var made in ((string[])["dist", ".release"]).Select(folder => Path.Combine(copy, folder)).Where(Directory.Exists))
        {
            Directory.Delete(made, recursive: true);
        }

        if (_name is not null)
        {
            await Exec.ReadAsync(new Command("chown", "-R", $"{_name}:{_name}", Home), ct);
        }

        return copy;
    }

    /// <summary>The tool as this user, in a folder of theirs.</summary>
    /// <param name="project">For the environment.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="before">Words before the command.</param>
    /// <param name="arguments">Its arguments.</param>
    public Command Tool(BuildProject project, string folder, string[] before, params string[] arguments)
    {
        var command = Run([.. before, "dotnet", _scratch["tool/dotnet-release.dll"], .. arguments]) with { WorkingDirectory = folder };
        foreach (var (name, value) in project.Tool().Environment)
        {
            command = command.With(name, value);
        }

        return command.With("HOME", Home).With("DOTNET_RELEASE_CACHE", Path.Combine(Home, "cache")).With("DOTNET_RELEASE_DATA", Path.Combine(Home, "data"));
    }

    public Command Run(string[] command) => _name is null
        ? new Command(command[0], [.. command[1..]])
        : new Command("setpriv", ["--reuid", _name, "--regid", _name, "--init-groups", "--", .. command]).With("USER", _name).With("LOGNAME", _name);

    /// <summary>What belongs to the container's other ids can only be removed by them, or by root.</summary>
    public async Task ForgetAsync()
    {
        var data = Path.Combine(Home, "data");
        await Exec.ReadAsync(Run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", data]), CancellationToken.None);
        Assert.IsFalse(Directory.Exists(data), "Everything of the containers belonged to the user or to a range of theirs.");
    }

    public async ValueTask DisposeAsync()
    {
        _scratch.Dispose();
        if (_name is not null)
        {
            await Exec.RunAsync(new Command("userdel", _name), CancellationToken.None);
        }
    }
}
