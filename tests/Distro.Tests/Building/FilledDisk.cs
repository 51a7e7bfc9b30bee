using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>A build that writes until it is stopped, on a disk that is small and nobody else's.</summary>
internal static class FilledDisk
{
    /// <summary>As fast as a disk, not as memory: what is kept free is looked at five times a second.</summary>
    private const string Writing = "%build\nn=0; while :; do n=$((n+1)); dd if=/dev/zero of=more.$n bs=4M count=1 2> /dev/null; sleep 0.02; done\n%files\n";

    private const string OwnData = "mkdir -p \"$DOTNET_RELEASE_DATA\" && mount -t tmpfs -o size=800m none \"$DOTNET_RELEASE_DATA\" && ";

    private const string Go = "exec \"$0\" \"$@\"";

    /// <summary>In a namespace of ids root's own range is another one.</summary>
    private const string OtherRange = "echo root:1:65535 > \"$HOME/ids\" && mount --bind \"$HOME/ids\" /etc/subuid && mount --bind \"$HOME/ids\" /etc/subgid && ";

    public static Task<BuildProject> ProjectAsync() => BuildProject.OfSpecAsync(Writing);

    /// <summary>The words before a command that give it a small file system for the tool's data; it goes with the process.</summary>
    /// <param name="isRoot">Root mounts by itself; anybody else in a namespace of ids.</param>
    public static string[] Before(bool isRoot) => Before(isRoot, OwnData);

    /// <summary>
    /// The same for the tool's own files in the folder where it runs: room for logs, and for no package of some size. In a namespace of ids the
    /// data is on a file system of its own as well: nobody outside could remove it.
    /// </summary>
    public static string[] BeforeInProject(bool isRoot) => Before(isRoot, (isRoot ? "" : OwnData) + "mkdir -p .release && mount -t tmpfs -o size=3m none .release && ");

    private static string[] Before(bool isRoot, string mount) =>
        isRoot ? ["unshare", "--mount", "sh", "-c", mount + Go] : ["unshare", "--user", "--map-root-user", "--map-auto", "--mount", "sh", "-c", OtherRange + mount + Go];

    public static void AssertEnded(Outcome outcome, string folder)
    {
        Assert.AreEqual((int)ExitCode.BuildFailed, outcome.ExitCode, outcome.Error + outcome.Output);
        Assert.MatchesRegex("error REL3050 : probe on local: the step 'build' was ended when [1-9][0-9]+ MiB were left of the disk where containers are kept; its log is ", outcome.Error);
        Assert.IsEmpty(Directory.EnumerateFileSystemEntries(folder, "*.rpm", SearchOption.AllDirectories));
    }
}
