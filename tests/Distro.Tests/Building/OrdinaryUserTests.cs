using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>The main job for somebody who is not root, with a range in /etc/subuid.</summary>
[TestClass]
public sealed class OrdinaryUserTests(TestContext test)
{
    private const int Patience = 300_000;
    private const UnixFileMode EverybodyReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_bump_becomes_the_same_packages_that_root_gets()
    {
        using var scratch = new Scratch();
        File.SetUnixFileMode(scratch.Root, EverybodyReads);
        using var project = await BuildProject.ReadyAsync(Ct);
        await project.BuildAsync(Ct);
        await using var user = await OtherUser.MakeAsync();
        BuildProject.CopyTree(AppContext.BaseDirectory, scratch["tool"]);
        BuildProject.CopyTree(project.Root, scratch["home/project"]);
        Directory.Delete(scratch["home/project/dist"], recursive: true);
        Directory.Delete(scratch["home/project/.release"], recursive: true);
        await user.OwnAsync(scratch["home"], Ct);

        var tool = project.Tool("rpm", "--json");
        var home = scratch["home"];
        var command = user.Run(["dotnet", scratch["tool/dotnet-release.dll"], "rpm", "--json"]) with { WorkingDirectory = scratch["home/project"] };
        foreach (var (name, value) in tool.Environment)
        {
            command = command.With(name, value);
        }

        command = command.With("HOME", home).With("DOTNET_RELEASE_CACHE", Path.Combine(home, "cache")).With("DOTNET_RELEASE_DATA", Path.Combine(home, "data"));
        var built = await Exec.RunAsync(command, Ct);
        Assert.AreEqual(0, built.ExitCode, built.Error);
        var again = await Exec.RunAsync(command, Ct);

        Assert.AreEqual("built", BuildProject.Json(built.OutputBytes).GetProperty("results")[0].GetProperty("state").GetString());
        Assert.AreEqual("up-to-date", BuildProject.Json(again.OutputBytes).GetProperty("results")[0].GetProperty("state").GetString());
        foreach (var name in project.ResultNames())
        {
            Assert.AreEqual(
                await Digest.OfFileAsync(Path.Combine(project.Results, name), Ct), await Digest.OfFileAsync(Path.Combine(home, "project/dist/rpm/local", name), Ct), name);
        }

        // What belongs to the container's other ids can only be removed by them, or by root.
        await Exec.ReadAsync(user.Run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf", Path.Combine(home, "data")]), Ct);
        Assert.IsFalse(Directory.Exists(Path.Combine(home, "data")), "Everything of the containers belonged to the user or to a range of theirs.");
    }

    /// <summary>When root runs the tests, a user made for them; else whoever runs them.</summary>
    private sealed class OtherUser(string? name) : IAsyncDisposable
    {
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

        public Command Run(string[] command) => name is null
            ? new Command(command[0], [.. command[1..]])
            : new Command("setpriv", ["--reuid", name, "--regid", name, "--init-groups", "--", .. command]).With("USER", name).With("LOGNAME", name);

        public async Task OwnAsync(string folder, CancellationToken ct)
        {
            if (name is not null)
            {
                await Exec.ReadAsync(new Command("chown", "-R", $"{name}:{name}", folder), ct);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (name is not null)
            {
                await Exec.RunAsync(new Command("userdel", name), CancellationToken.None);
            }
        }
    }
}
