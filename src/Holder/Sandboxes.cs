using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>Starts commands inside the mounted tree, one at a time.</summary>
/// <param name="program">Where bubblewrap is.</param>
/// <param name="session">Where mount points for volumes are made.</param>
internal sealed class Sandboxes(string program, Session session)
{
    private readonly List<string> _attached = [];
    private int _volumes;

    /// <summary>Starts a command and returns its process id and the proof that it has no network, when one was asked for.</summary>
    internal (int Pid, string Proof) Start(string tree, SandboxRequest request, ImmutableArray<int> descriptors)
    {
        const int standardStreams = 3;
        var points = new MountPoints(tree);
        foreach (var folder in (string[])["/dev", "/proc", "/tmp"])
        {
            points.RequireFolder(folder);
        }

        var mounts = ImmutableArray.CreateBuilder<(string, string, bool)>();
        if (request.HostNetwork)
        {
            mounts.Add((RealPath("/etc/resolv.conf"), points.Require("/etc/resolv.conf", folder: false), true));
        }

        var detached = descriptors[standardStreams..].GetEnumerator();
        foreach (var volume in request.Volumes)
        {
            var source = volume.Source.Length > 0 ? volume.Source : Attach(detached.MoveNext() ? detached.Current : -1, volume.IsFolder);
            mounts.Add((source, Destination(points, volume), volume.ReadOnly));
        }

        return Start((tree, request), mounts.ToImmutable(), descriptors[..standardStreams]);
    }

    private (int Pid, string Proof) Start(
        (string Tree, SandboxRequest Request) what, ImmutableArray<(string, string, bool)> mounts, ImmutableArray<int> streams)
    {
        var filter = Native.AnonymousFile("seccomp");
        var proof = what.Request.ProveNoNetwork ? new NetworkProof() : null;
        try
        {
            Native.Check(Files.WriteAll(filter, SeccompFilter.ForThisMachine()), "write");
            Files.Rewind(filter);
            var numbers = new SandboxDescriptors(filter, proof?.Info ?? -1, proof?.Block ?? -1);
            ImmutableArray<(int, int)> inherited =
            [
                (streams[0], 0), (streams[1], 1), (streams[2], 2), (filter, filter),
                .. proof is null ? [] : (ImmutableArray<(int, int)>)[(proof.Info, proof.Info), (proof.Block, proof.Block)],
            ];
            var arguments = Bubblewrap.Arguments(what.Tree, what.Request, mounts, numbers);
            var pid = new Spawn(program, arguments, ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], inherited).Start();
            return (pid, Establish(proof, pid));
        }
        finally
        {
            Native.Close(filter);
            proof?.Dispose();
        }
    }

    private static string Establish(NetworkProof? proof, int pid)
    {
        try
        {
            return proof?.Establish() ?? "";
        }
        catch
        {
            // Before the pipe it waits on is closed.
            Native.Kill(pid);
            throw;
        }
    }

    private static string Destination(MountPoints points, VolumeRequest volume)
    {
        if (volume.Destination is "/proc" || volume.Destination.StartsWith("/proc/", StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.Usage, $"'{volume.Destination}' cannot be a volume: /proc belongs to the sandbox.");
        }

        // These two are fresh and empty in each sandbox; bubblewrap makes the mount point there itself.
        return volume.Destination.StartsWith("/tmp/", StringComparison.Ordinal) || volume.Destination.StartsWith("/dev/", StringComparison.Ordinal)
            ? volume.Destination
            : points.Require(volume.Destination, volume.IsFolder);
    }

    /// <summary>Takes the volumes of the last command away, so that nothing of the machine stays mounted here.</summary>
    internal void DetachVolumes()
    {
        _attached.ForEach(point => Mounts.Unmount(point, lazily: true));
        _attached.Clear();
    }

    private string Attach(int detached, bool folder)
    {
        var name = $"volume-{++_volumes}";
        var point = Path.Combine(session.Path, name);
        if (folder)
        {
            session.Folder(name);
        }
        else
        {
            File.WriteAllBytes(point, []);
        }

        Mounts.Attach(detached, point);
        _attached.Add(point);
        return point;
    }

    /// <summary>A path without links; bubblewrap follows the machine's links itself, but not every one is there to follow.</summary>
    private static string RealPath(string path)
    {
        var file = Files.Open(Files.CurrentFolder, Encoding.UTF8.GetBytes(path), Files.OpenPath, 0, default);
        if (file < 0)
        {
            return "/dev/null";
        }

        var real = Files.PathOf(file);
        Native.Close(file);
        return real;
    }
}
