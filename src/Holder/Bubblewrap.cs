using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder.Launch;

namespace DotnetRelease.Holder;

/// <summary>
/// The arguments of one bubblewrap call; every mount point in it exists and is no link. Plain loops, because each of these lines is
/// between a user and the start of a container.
/// </summary>
internal static class Bubblewrap
{
    /// <summary>The whole command line.</summary>
    /// <param name="tree">The mounted tree.</param>
    /// <param name="request">What to run.</param>
    /// <param name="binds">What is mounted in the tree besides <c>/dev</c> and <c>/proc</c>, in order.</param>
    /// <param name="descriptors">Numbers of inherited descriptors.</param>
    internal static ImmutableArray<string> Arguments(string tree, SandboxRequest request, List<BindMount> binds, SandboxDescriptors descriptors)
    {
        List<string> words = [request.ReadOnlyRoot ? "--ro-bind" : "--bind", tree, "/", "--dev", "/dev", "--proc", "/proc"];
        words.AddRange(ProcMasks.Arguments);

        foreach (var mount in binds)
        {
            words.AddRange([mount.ReadOnly ? "--ro-bind" : "--bind", mount.Source, mount.Destination]);
        }

        AddIsolation(words, request);
        words.AddRange(["--seccomp", $"{descriptors.Seccomp}"]);
        if (descriptors.Info >= 0)
        {
            words.AddRange(["--info-fd", $"{descriptors.Info}", "--block-fd", $"{descriptors.Block}"]);
        }

        // It knows the command, its environment, its folder and its user.
        words.AddRange(["--chdir", "/", "--", $"/proc/self/fd/{descriptors.Launcher}"]);
        return [.. words];
    }

    private static void AddIsolation(List<string> words, SandboxRequest request)
    {
        words.AddRange(["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", request.Hostname, "--new-session", "--die-with-parent"]);
        if (!request.HostNetwork)
        {
            words.Add("--unshare-net");
        }

        words.AddRange(["--cap-drop", "ALL"]);
        foreach (var capability in request.Capabilities)
        {
            words.AddRange(["--cap-add", capability]);
        }

        if (!request.Capabilities.AsSpan().Contains(Launcher.NeedsItself))
        {
            words.AddRange(["--cap-add", Launcher.NeedsItself]);
        }
    }
}

/// <summary>Descriptors that bubblewrap itself reads, writes or starts; negative: not used.</summary>
/// <param name="Launcher">The program that ends in the command.</param>
/// <param name="Seccomp">The filter.</param>
/// <param name="Info">Gets the number of the first process inside.</param>
/// <param name="Block">The command starts when this one has something to read.</param>
internal sealed record SandboxDescriptors(int Launcher, int Seccomp, int Info, int Block);

/// <summary>A volume, a single file or a fresh folder inside a sandbox.</summary>
/// <param name="Source">Path as the holder sees it.</param>
/// <param name="Destination">Path inside, without links.</param>
/// <param name="ReadOnly">Whether writing is refused.</param>
internal sealed record BindMount(string Source, string Destination, bool ReadOnly);
