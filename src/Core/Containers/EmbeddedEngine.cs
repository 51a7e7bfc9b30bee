using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DotnetRelease.Storage;

namespace DotnetRelease.Containers;

/// <summary>
/// Runs containers without podman, docker, root or a daemon: user namespaces, overlayfs, and one bubblewrap sandbox for each command.
/// Layers are unpacked once into a folder that all images share.
/// </summary>
/// <param name="places">Where layers and prepared roots are kept.</param>
public sealed partial class EmbeddedEngine(Places places) : IContainerEngine
{
    /// <summary>Starting one takes a tenth of a second, and who tried has waited for it.</summary>
    private Func<Container?>? _takeTried;

    /// <summary>Whether containers are waited for on the thread that asks: for a program that runs one command and ends.</summary>
    public bool WaitsHere { get; init; }

    /// <summary>
    /// Begins a container and returns at once, so that its start overlaps with finding the image. Await
    /// <see cref="Container.ReadyAsync"/> before anything is downloaded.
    /// </summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.BubblewrapMissing"/>, <see cref="Fault.IdRangeMissing"/>, <see cref="Fault.NamespacesBlocked"/>, each with the line that fixes it.
    /// </exception>
    public Container Begin() => Interlocked.Exchange(ref _takeTried, null)?.Invoke() ?? BeginAnew();

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> TryAsync(CancellationToken ct)
    {
        var container = BeginAnew();
        try
        {
            await container.ReadyAsync(ct);
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }

        var tried = new TriedContainer(container);
        _takeTried = tried.Take;
        return tried;
    }

    private Container BeginAnew()
    {
        var bubblewrap = Prerequisites.FindBubblewrap();
        var ids = IdMap.OfThisUser();
        return new Container(new HolderStart(ids, MakeStore(ids), bubblewrap)) { Uses = LastUses.Open(places), WaitsHere = WaitsHere };
    }

    /// <summary>The diff_ids of the unpacked layers that are here.</summary>
    public IReadOnlyList<Digest> Layers() => [.. Names("layers").Select(name => Digest.TryParse(name, out var diffId) ? diffId : (Digest?)null).OfType<Digest>()];

    /// <summary>The keys of the prepared roots that are here.</summary>
    public IReadOnlyList<string> Roots() => [.. Names("roots")];

    /// <summary>The name under which <see cref="LastUses"/> knows an unpacked layer.</summary>
    internal static string UseOfLayer(Digest diffId) => $"layer-{diffId.Hex}";

    /// <summary>The name under which <see cref="LastUses"/> knows a prepared root.</summary>
    internal static string UseOfRoot(string key) => $"root-{key}";

    /// <summary>Whether a layer is in the store already, so that nobody has to download it.</summary>
    public bool HasLayer(Digest diffId) => Directory.Exists(Path.Combine(StoreOf(IdMap.OfThisUser()), "layers", diffId.Hex));

    /// <summary>Whether a prepared root of this name is complete.</summary>
    public Task<bool> HasRootAsync(string key, CancellationToken ct) =>
        Task.FromResult(Directory.Exists(Path.Combine(StoreOf(IdMap.OfThisUser()), PreparedRoots.Name(key))));

    IContainer IContainerEngine.Begin() => Begin();

    /// <summary>Removes unpacked layers and prepared roots that nobody wants to keep. What belongs to other ids of ours can only be removed from inside.</summary>
    /// <param name="keepLayer">Asked with the diff_id of each layer.</param>
    /// <param name="keepRoot">Asked with the key of each prepared root.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/> while a container runs.</exception>
    public async Task<int> PruneAsync(Predicate<Digest> keepLayer, Predicate<string> keepRoot, CancellationToken ct)
    {
        ImmutableArray<string> doomed =
        [
            .. from name in Names("layers") where !Digest.TryParse(name, out var diffId) || !keepLayer(diffId) select $"layers/{name}",
            .. from name in Names("roots") where !keepRoot(name) select $"roots/{name}",
        ];
        if (!doomed.IsEmpty)
        {
            await using var container = Begin();
            await container.RemoveAsync(doomed, ct);
        }

        return doomed.Length;
    }

    private IEnumerable<string> Names(string kind)
    {
        string folder;
        try
        {
            folder = Path.Combine(StoreOf(IdMap.OfThisUser()), kind);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.IdRangeMissing)
        {
            // Who has no ids for containers never had one.
            return [];
        }

        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal) : [];
    }

    private string StoreOf(IdMap ids) => Path.Combine(places.Data, ids.StoreName);

    /// <summary>Only its owner may look inside: a container's setuid programs must not lie open to the machine's other users.</summary>
    private string MakeStore(IdMap ids)
    {
        var store = StoreOf(ids);
        if (Directory.Exists(store))
        {
            return store;
        }

        // A container that cannot start says so itself; but then nothing is to be left here either.
        Prerequisites.CheckNamespaces();

        // Others may begin a container at the same moment: under its name the folder has its owner.
        var unfinished = Durable.UnfinishedBeside(store);
        try
        {
            Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Own(unfinished, ids);
            Directory.Move(unfinished, store);
        }
        catch (IOException) when (Directory.Exists(store))
        {
            Directory.Delete(unfinished);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"The folder '{store}' for containers could not be made: {ex.Message}", inner: ex);
        }

        return store;
    }

    private static void Own(string folder, IdMap ids)
    {
        if (ids.Self is null && chown(folder, ids.Users.Start, ids.Groups.Start) < 0)
        {
            var why = Marshal.GetLastPInvokeErrorMessage();
            Directory.Delete(folder);
            throw new ReleaseException(Fault.IdRangeMissing, $"the container's ids, from {ids.Users.Start} on, cannot be used here: chown of '{folder}' said {why}. Nothing was downloaded.")
            {
                Remedy = "Inside another container give it these ids, or name a range that is there for root in /etc/subuid and /etc/subgid.",
            };
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);
}
