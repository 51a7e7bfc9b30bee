using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder.Launch;

namespace DotnetRelease.Holder;

/// <summary>Starts commands inside the mounted tree, one at a time.</summary>
/// <param name="program">Where bubblewrap is.</param>
/// <param name="session">Where mount points for volumes are made.</param>
internal sealed class Sandboxes(string program, Session session)
{
    private const int StandardStreams = 3;

    /// <summary>For bubblewrap itself; the command gets what its request says.</summary>
    private static readonly ImmutableArray<string> Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    private readonly List<string> _attached = [];
    private int _volumes;

    /// <summary>Starts a command; it may still turn out that it cannot be run.</summary>
    /// <param name="tree">The mounted tree.</param>
    /// <param name="request">The command.</param>
    /// <param name="descriptors">Its three standard streams, a detached mount for each volume without a path, and the members of its control group.</param>
    /// <exception cref="UnknownAccountException">The image does not know the user that was asked for.</exception>
    internal SandboxStart Start(string tree, SandboxRequest request, int[] descriptors)
    {
        var account = Account.Find(request.User, file => FileRequests.ReadLines(tree, file));
        var points = new MountPoints(tree);
        points.RequireFolder("/dev");
        points.RequireFolder("/proc");
        var fresh = FreshNames(points, request.ReadOnlyRoot);
        var binds = MakeFresh(fresh, request.Limits.Memory);
        if (request.HostNetwork)
        {
            binds.Add(new(RealPath("/etc/resolv.conf"), points.Require("/etc/resolv.conf", folder: false), ReadOnly: true));
        }

        var next = StandardStreams;
        foreach (var volume in request.Volumes)
        {
            var source = volume.Source.Length > 0 ? volume.Source : Attach(descriptors[next++], volume.IsFolder);
            binds.Add(new(source, Destination(points, volume, fresh), volume.ReadOnly));
        }

        if (request.MakeWorkingDirectory && request.WorkingDirectory is not "/")
        {
            points.Require(request.WorkingDirectory, folder: true);
        }

        return Spawn((request, account), numbers => Bubblewrap.Arguments(tree, request, binds, numbers), descriptors);
    }

    private SandboxStart Spawn((SandboxRequest Request, Account Account) command, Func<SandboxDescriptors, ImmutableArray<string>> arguments, int[] descriptors)
    {
        var request = command.Request;
        var channel = new LaunchChannel();
        var filter = FileOf("seccomp", SeccompFilter.ForThisMachine);
        var launcher = FileOf("launcher", new Launcher(request, command.Account, channel.Theirs, MachineCode.ForThisMachine()).Build());
        using var held = request.ProveNoNetwork || request.Limits.IsSome ? new HeldStart() : null;
        try
        {
            var numbers = new SandboxDescriptors(launcher, filter, held?.Info ?? -1, held?.Block ?? -1);
            List<Inherited> inherited =
            [
                new(descriptors[0], 0), new(descriptors[1], 1), new(descriptors[2], 2),
                Inherited.Same(channel.Theirs), Inherited.Same(launcher), Inherited.Same(filter),
            ];
            if (held is not null)
            {
                inherited.Add(Inherited.Same(held.Info));
                inherited.Add(Inherited.Same(held.Block));
            }

            var pid = new Spawn(program, arguments(numbers), Environment, [.. inherited]).Start();
            channel.CloseTheirs();
            if (held is not null)
            {
                Release(held, request, descriptors);
            }

            return new(pid, channel, request);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
        finally
        {
            Native.Close(filter);
            Native.Close(launcher);
        }
    }

    private static int FileOf(string name, ReadOnlySpan<byte> content)
    {
        var file = Native.AnonymousFile(name);
        Native.Check(Files.WriteAll(file, content), "write");
        Files.Rewind(file);
        return file;
    }

    /// <summary>Limits are set and the proof is made before the command starts; the proof also goes into its output, before the first line.</summary>
    private static void Release(HeldStart held, SandboxRequest request, int[] descriptors)
    {
        try
        {
            var pid = held.WaitForPid();
            ProcessLimits.Set(pid, request.Limits, descriptors[^1]);
            if (request.ProveNoNetwork)
            {
                Files.WriteAll(descriptors[1], Encoding.UTF8.GetBytes($"[container] {NetworkProof.Establish(pid)}\n"));
            }

            held.Release();
        }
        catch
        {
            // Before the pipe is closed that the command waits on.
            Native.KillEverything();
            throw;
        }
    }

    /// <summary>Where programs leave files for a moment. With a root that cannot be written, the others of these places are fresh too, as with podman.</summary>
    private static List<string> FreshNames(MountPoints points, bool readOnlyRoot)
    {
        points.RequireFolder("/tmp");
        List<string> fresh = ["/tmp", "/dev/shm"];
        if (readOnlyRoot)
        {
            points.RequireFolder("/run");
            fresh.Add("/run");
            if (points.Require("/var/tmp", folder: true) is "/var/tmp")
            {
                fresh.Add("/var/tmp");
            }
        }

        return fresh;
    }

    private static string Destination(MountPoints points, VolumeRequest volume, List<string> fresh)
    {
        MountPoints.RequirePlain(volume.Destination);
        if (volume.Destination is "/proc" || volume.Destination.StartsWith("/proc/", StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.Usage, $"'{volume.Destination}' cannot be a volume: /proc belongs to the sandbox.");
        }

        // These are fresh and empty in each sandbox; bubblewrap makes the mount point there itself.
        return fresh.Append("/dev").Any(folder => volume.Destination.StartsWith(folder + "/", StringComparison.Ordinal))
            ? volume.Destination
            : points.Require(volume.Destination, volume.IsFolder);
    }

    private List<BindMount> MakeFresh(List<string> names, long memory)
    {
        var place = session.Folder("fresh");
        var binds = new FreshFolders(place).Make(names, memory);
        _attached.Add(place);
        return binds;
    }

    /// <summary>Takes the volumes of the last command away, and what it wrote into memory, so that nothing of the machine stays mounted here.</summary>
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

/// <summary>A sandbox that was started.</summary>
/// <param name="Pid">The process of bubblewrap.</param>
/// <param name="Channel">Tells how far the command came.</param>
/// <param name="Request">The command.</param>
internal sealed record SandboxStart(int Pid, LaunchChannel Channel, SandboxRequest Request);
