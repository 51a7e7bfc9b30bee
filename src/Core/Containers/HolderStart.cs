using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>
/// Starts the chain of programs that ends in the holder: unshare makes the namespaces, a shell waits there until the id maps are
/// written from outside, setpriv becomes root inside, and the runtime starts the holder as process 1.
/// </summary>
/// <param name="Ids">The id map.</param>
/// <param name="Store">Where layers and sessions are.</param>
/// <param name="Bubblewrap">Where bubblewrap is.</param>
internal sealed record HolderStart(IdMap Ids, string Store, string Bubblewrap)
{
    /// <summary>The control socket in the child.</summary>
    private const int Control = 3;

    /// <summary>Says that the namespaces are there, waits for the maps, and goes on; without an answer it ends.</summary>
    private const string WaitForMaps = "echo >&3 && read -r go <&3 && exec \"$@\"";

    /// <summary>
    /// What the holder and bubblewrap need, and with them the most that anybody inside can ever get: mounting, the loopback interface, and
    /// what a command may have.
    /// </summary>
    private const string Bounds =
        "-all,+sys_admin,+net_admin,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+setfcap,+sys_chroot";

    /// <summary>Nothing of the tool's own environment: the holder lives with untrusted programs.</summary>
    private static readonly ImmutableArray<string> Environment =
    [
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", "DOTNET_EnableDiagnostics=0", "DOTNET_TieredPGO=0", "DOTNET_NOLOGO=1", "DOTNET_LTTng=0",
    ];

    /// <summary>Starts it and returns the process id of unshare, which ends when the holder does.</summary>
    /// <param name="control">The holder's end of the socket.</param>
    /// <param name="output">Gets what the programs print.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.NamespacesBlocked"/>.</exception>
    internal int Start(int control, int output)
    {
        try
        {
            return Start(HolderFiles.Find(), control, output);
        }
        catch (Win32Exception ex)
        {
            throw Prerequisites.NamespacesBlocked(ex.Message);
        }
    }

    private int Start(HolderFiles files, int control, int output)
    {
        if (Ids.Self is not null)
        {
            return Spawn(files, Store, (control, output));
        }

        const string store = "store";
        const string runtime = "dotnet";
        var seen = new HolderFiles($"{HostMounts.Public}/{runtime}", $"{HostMounts.Public}/{Path.GetFileName(files.Assembly)}");
        return HostMounts.With(
            [new(runtime, files.Runtime), new(store, Store)],
            [files.Assembly, files.Configuration],
            () => Spawn(seen, $"{HostMounts.Public}/{store}", (control, output)));
    }

    private int Spawn(HolderFiles files, string store, (int Control, int Output) descriptors)
    {
        using var nothing = File.OpenHandle("/dev/null");
        ImmutableArray<string> arguments =
        [
            "--user", "--keep-caps", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child",
            "/bin/sh", "-c", WaitForMaps, "sh",
            Prerequisites.FindUtility("setpriv"), "--reuid", "0", "--regid", "0", "--clear-groups", "--bounding-set", Bounds, "--",
            Path.Combine(files.Runtime, "dotnet"), "exec", files.Assembly,
            Control.ToString(CultureInfo.InvariantCulture), store, Ids.Count.ToString(CultureInfo.InvariantCulture), Bubblewrap,
        ];
        Inherited[] inherited =
        [
            new((int)nothing.DangerousGetHandle(), 0), new(descriptors.Output, 1), new(descriptors.Output, 2), new(descriptors.Control, Control),
        ];
        // A terminal's Ctrl-C goes to the tool alone, which decides what then happens.
        return new Spawn(Prerequisites.FindUtility("unshare"), arguments, Environment, inherited) { OwnSession = true }.Start();
    }
}
