using System.Collections.Immutable;
using System.Formats.Tar;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs.Doctor;

/// <summary>
/// The pieces of the embedded engine, from the program to a sandbox without network: each is tried by itself, and what stands on a piece
/// that fails is not tried. Nothing is downloaded, and nothing stays but the empty store.
/// </summary>
/// <param name="places">Where layers are unpacked, so that it is that file system which is tried.</param>
/// <param name="machine">Which programs there are, and how others get here.</param>
internal sealed class ContainerChecks(Places places, MachinePrograms machine)
{
    internal const string Namespaces = "user namespaces", Maps = "id maps", Overlay = "overlay", SandboxName = "sandbox", NoNetwork = "network namespace";

    /// <summary>The first that has every option which the sandbox needs.</summary>
    private static readonly Version OldestBubblewrap = new(0, 5, 0);

    internal async Task<ImmutableArray<DoctorCheck>> RunAsync(CancellationToken ct)
    {
        DoctorCheck[] first = [await BubblewrapAsync(ct), Seccomp(Actions()), await NamespacesAsync(ct)];
        var ids = Array.Find(first, check => !check.Ok) is { } missing ? DoctorCheck.NotTried(Maps, missing) : MapsOf(OwnIds);
        return [.. first, .. await StartAsync(ids, ct)];
    }

    /// <summary>What the ids of this user are; a missing program has the line of this distribution.</summary>
    internal DoctorCheck MapsOf(Func<IdMap> ids)
    {
        try
        {
            var (users, groups) = (ids().Users, ids().Groups);
            return DoctorCheck.Good(Maps, $"{users.Start}-{users.Start + users.Count - 1} for users, {groups.Start}-{groups.Start + groups.Count - 1} for groups");
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad(Maps, ex, machine.Find("newuidmap") is null || machine.Find("newgidmap") is null ? machine.InstallLine(ProgramPackage.IdMaps) : SubordinateIds.FixLine());
        }
    }

    /// <summary>Whether a version is one that will do.</summary>
    /// <param name="said">What it printed.</param>
    /// <param name="instead">What to do where it is too old: the distribution then has no newer one.</param>
    internal static DoctorCheck BubblewrapOf(string said, string instead) => Version.TryParse(said.Split(' ')[^1].Trim(), out var version) && version >= OldestBubblewrap
        ? DoctorCheck.Good("bubblewrap", version.ToString())
        : DoctorCheck.Bad("bubblewrap", $"'{said.Trim()}', and {OldestBubblewrap} is the oldest that will do", instead);

    /// <summary>What the kernel can do with a system call that a filter does not let pass; the filter itself is tried with the sandbox.</summary>
    internal static DoctorCheck Seccomp(string actions) => actions.Split(' ').Contains("errno", StringComparer.Ordinal)
        ? DoctorCheck.Good("seccomp", $"the kernel knows {actions}")
        : DoctorCheck.Bad("seccomp", "the kernel has no filters for system calls", "boot a kernel with CONFIG_SECCOMP_FILTER, as every distribution has");

    private static string Actions()
    {
        const string file = "/proc/sys/kernel/seccomp/actions_avail";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }

    private static IdMap OwnIds() => IdMap.OfThisUser();

    private async Task<DoctorCheck> BubblewrapAsync(CancellationToken ct) =>
        machine.Find("bwrap") is { } program
            ? BubblewrapOf((await Exec.RunAsync(new Command(program, "--version"), ct)).Output, $"{machine.InstallLine(ProgramPackage.Podman)}   (and build with --engine podman)")
            : DoctorCheck.Bad("bubblewrap", "not installed; it makes the sandboxes of a container", machine.InstallLine(ProgramPackage.Bubblewrap));

    private async Task<DoctorCheck> NamespacesAsync(CancellationToken ct)
    {
        if (((string[])["unshare", "setpriv"]).FirstOrDefault(program => machine.Find(program) is null) is { } missing)
        {
            return DoctorCheck.Bad(Namespaces, $"'{missing}' is not installed", machine.InstallLine(ProgramPackage.Utilities));
        }

        try
        {
            Prerequisites.CheckNamespaces();
            var outcome = await Exec.RunAsync(new Command(machine.Find("unshare")!, "--user", "--mount", "--pid", "--fork", "--kill-child", "true"), ct);
            return outcome.ExitCode is 0 ? DoctorCheck.Good(Namespaces, "user, mount and pid") : DoctorCheck.Bad(Namespaces, Prerequisites.NamespacesBlocked(outcome.Error.Trim()));
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad(Namespaces, ex);
        }
    }

    /// <summary>Starts a container with nothing in it.</summary>
    private async Task<ImmutableArray<DoctorCheck>> StartAsync(DoctorCheck ids, CancellationToken ct)
    {
        if (!ids.Ok)
        {
            return [ids, DoctorCheck.NotTried(Overlay, ids), DoctorCheck.NotTried(SandboxName, ids), DoctorCheck.NotTried(NoNetwork, ids)];
        }

        var engine = new EmbeddedEngine(places);
        using var folder = TemporaryFolder.Create("doctor");
        var image = EmptyImage(folder.Path);
        ImmutableArray<DoctorCheck> tried;
        try
        {
            await using var container = engine.Begin();
            await container.ReadyAsync(ct);
            tried = [ids, .. await OpenAsync(container, image, ct)];
        }
        catch (ReleaseException ex)
        {
            var failed = DoctorCheck.Bad(ex.Fault == Fault.NamespacesBlocked ? Namespaces : Maps, ex);
            return [failed, DoctorCheck.NotTried(Overlay, failed), DoctorCheck.NotTried(SandboxName, failed), DoctorCheck.NotTried(NoNetwork, failed)];
        }

        await ForgetAsync(engine, image, ct);
        return tried;
    }

    private async Task<ImmutableArray<DoctorCheck>> OpenAsync(Container container, Image image, CancellationToken ct)
    {
        try
        {
            await container.OpenAsync(image, [], ct);
        }
        catch (ReleaseException ex)
        {
            var overlay = DoctorCheck.Bad(Overlay, ex, $"export DOTNET_RELEASE_DATA=FOLDER   (on a local file system such as ext4, xfs or btrfs; '{places.Data}' is on {FileSystemOf(places.Data)})");
            return [overlay, DoctorCheck.NotTried(SandboxName, overlay), DoctorCheck.NotTried(NoNetwork, overlay)];
        }

        var sandbox = await TryAsync(SandboxName, "bubblewrap with a seccomp filter", container, new Sandbox("/nothing"), ct);
        return
        [
            DoctorCheck.Good(Overlay, $"on {FileSystemOf(places.Data)}"),
            sandbox,
            sandbox.Ok ? await TryAsync(NoNetwork, "tried from inside, and nothing was reached", container, new Sandbox("/nothing") { ProveNoNetwork = true }, ct) : DoctorCheck.NotTried(NoNetwork, sandbox),
        ];
    }

    /// <summary>There is nothing to run in an empty tree: that the program was looked for inside, and was not there, is the proof that all before it worked.</summary>
    private static async Task<DoctorCheck> TryAsync(string name, string found, Container container, Sandbox sandbox, CancellationToken ct)
    {
        const int notThere = 127;
        const string fix = "inside a container of docker or podman: start it with --privileged; else tell us what it said";
        try
        {
            var outcome = await container.ReadAsync(sandbox, ct);
            return outcome.ExitCode is notThere ? DoctorCheck.Good(name, found) : DoctorCheck.Bad(name, $"ended with {outcome.ExitCode}: {outcome.Error.Trim().ReplaceLineEndings("; ")}", fix);
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad(name, ex, ex.Remedy.Length > 0 ? null : fix);
        }
    }

    /// <summary>Another container may be open; then the layer, which holds one empty folder, stays until <c>image prune</c>.</summary>
    private static async Task ForgetAsync(EmbeddedEngine engine, Image image, CancellationToken ct)
    {
        try
        {
            await engine.PruneAsync(layer => layer != image.Layers[0].DiffId, _ => true, ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.LockHeld)
        {
            return;
        }
    }

    private static Image EmptyImage(string folder)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "etc/") { Mode = (UnixFileMode)0b111_101_101, ModificationTime = DateTimeOffset.UnixEpoch });
        }

        var (path, diffId) = (Path.Combine(folder, "layer.tar"), Digest.Of(bytes.ToArray()));
        File.WriteAllBytes(path, bytes.ToArray());
        return new Image("doctor", diffId, [new ImageLayer(diffId, path, LayerCompression.None) { Digest = diffId, Size = bytes.Length }], ImageConfig.Empty) { Platform = Platform.Current, Manifest = diffId };
    }

    private static string FileSystemOf(string folder) => MachineChecks.DriveOf(folder)?.DriveFormat ?? "an unknown file system";
}
