using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;
using DotnetRelease.Images;
using DotnetRelease.Storage;
using Microsoft.Win32.SafeHandles;

namespace DotnetRelease.Containers;

/// <summary>
/// A tree of files made of an image's layers and what commands change in it. It lives as long as this object: what was not saved as a
/// prepared root is discarded at the end, and no process survives it, not even when this process is killed.
/// </summary>
public sealed partial class Container : IContainer
{
    /// <summary>Each unpacking keeps three threads busy.</summary>
    private readonly SemaphoreSlim _unpacking = new(2);

    /// <summary>Commands take turns: mount points are checked before each, and nothing may move them in between.</summary>
    private readonly SemaphoreSlim _turn = new(1);

    private readonly HolderConnection _holder;
    private readonly HolderStart _start;
    private ImageConfig _config = ImageConfig.Empty;

    internal Container(HolderStart start) => (_start, _holder) = (start, new HolderConnection(start));

    /// <summary>Told which layers and roots are in use, so that they are not taken for forgotten.</summary>
    internal LastUses? Uses { get; init; }

    /// <summary>
    /// Answers are waited for on the thread that asks. A program that runs one command has nothing else to do with it; what each asynchronous
    /// wait needs is compiled anew for every run, and together that is a tenth of a small command's time.
    /// </summary>
    internal bool WaitsHere { get; init; }

    /// <summary>What the image says about running it, once <see cref="OpenAsync"/> was called.</summary>
    public ImageConfig Config => _config;

    /// <summary>Waits until the namespaces are there. Nothing is downloaded or unpacked before.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.NamespacesBlocked"/> or <see cref="Fault.IdRangeMissing"/>, with the line that fixes it.</exception>
    public Task ReadyAsync(CancellationToken ct) => Waited(_holder.Ready.WaitAsync(ct));

    /// <summary>Unpacks a layer into the store unless it is there; may be called as soon as the layer is downloaded.</summary>
    /// <returns>What was left out, for the user, or an empty text.</returns>
    public async Task<string> UnpackAsync(ImageLayer layer, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (Directory.Exists(Path.Combine(_start.Store, LayerName(layer))))
        {
            return "";
        }

        // Never waited for here: others are unpacked and downloaded meanwhile.
        await _holder.Ready.WaitAsync(ct);
        await _unpacking.WaitAsync(ct);
        try
        {
            using var packed = File.OpenHandle(layer.BlobPath);
            var request = _holder.Request(Request.Unpack, (int)packed.DangerousGetHandle())
                .Write(layer.DiffId.Hex)
                .Write((long)layer.Compression);
            var answer = await _holder.Send(request).WaitAsync(ct);
            answer.ReadNumber();
            return answer.ReadText();
        }
        catch (ReleaseException ex) when (ex.Fault != Fault.ContainerFailed)
        {
            throw new ReleaseException(ex.Fault, $"{layer.Place}: {ex.Message.TrimEnd('.')}.", inner: ex) { Remedy = ex.Remedy };
        }
        finally
        {
            _unpacking.Release();
        }
    }

    /// <summary>Makes the tree, unpacking what is missing. Called once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="roots">Prepared roots that were saved above the same image, lowest first.</param>
    /// <param name="ct">Ends the wait; disposing ends the work.</param>
    public async Task OpenAsync(Image image, ImmutableArray<string> roots, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(image);
        var layers = image.Layers.DistinctBy(layer => layer.DiffId.Hex, StringComparer.Ordinal);
        await Task.WhenAll(layers.Select(layer => UnpackAsync(layer, ct)));
        ImmutableArray<string> highestFirst = [.. roots.Reverse().Select(PreparedRoots.Name), .. image.Layers.Reverse().Select(LayerName).Distinct(StringComparer.Ordinal)];
        await AskAsync(_holder.Request(Request.Open).Write(highestFirst), ct);
        _config = image.Config;
        foreach (var use in image.Layers.Select(layer => EmbeddedEngine.UseOfLayer(layer.DiffId)).Concat(roots.Select(EmbeddedEngine.UseOfRoot)))
        {
            Uses?.Record(use);
        }
    }

    /// <summary>Keeps what commands changed so far as a prepared root, complete from the moment it has its name, and goes on above it.</summary>
    public async Task SaveRootAsync(string key, CancellationToken ct) =>
        await AskAsync(_holder.Request(Request.Save).Write(PreparedRoots.Name(key)), ct);

    /// <summary>Removes layers and prepared roots by their names in the store; refused while any container is open.</summary>
    internal async Task RemoveAsync(ImmutableArray<string> names, CancellationToken ct) =>
        await AskAsync(_holder.Request(Request.Remove).Write(names), ct);

    /// <summary>Opens a regular file of the tree for reading, following no link.</summary>
    /// <param name="path">Absolute path inside.</param>
    /// <param name="limit">Most bytes that are acceptable.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildResultWrong"/>: missing, no regular file, behind a link, or too large.</exception>
    public async Task<Stream> OpenReadAsync(string path, long limit, CancellationToken ct)
    {
        var answer = await AskAsync(_holder.Request(Request.ReadFile).Write(path).Write(limit), ct);
        return new FileStream(new SafeFileHandle(answer.Descriptors[0], ownsHandle: true), FileAccess.Read, 0);
    }

    /// <summary>Copies a file of this machine into the tree, replacing one that is there; the folder has to exist and to be no link.</summary>
    /// <param name="source">File on this machine.</param>
    /// <param name="path">Absolute path inside.</param>
    /// <param name="executable">Whether it gets the mode 755 instead of 644.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task CopyInAsync(string source, string path, bool executable, CancellationToken ct)
    {
        const int everybodyRuns = 0x1ed;
        const int everybodyReads = 0x1a4;
        await ReadyAsync(ct);
        using var file = File.OpenHandle(source);
        var request = _holder.Request(Request.WriteFile, (int)file.DangerousGetHandle()).Write(path).Write(executable ? everybodyRuns : everybodyReads);
        await AskAsync(request, ct);
    }

    /// <summary>What a folder of the tree holds, sorted by name.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildResultWrong"/>: missing, no folder, or behind a link.</exception>
    public async Task<ImmutableArray<ContainerEntry>> ListAsync(string path, CancellationToken ct)
    {
        var answer = await AskAsync(_holder.Request(Request.List).Write(path), ct);
        answer.ReadNumber();
        answer.ReadText();
        return [.. answer.ReadTexts().Select(ContainerEntry.Parse).OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    /// <summary>Ends every command, discards what was not saved, and ends the container.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Waited(_holder.Send(_holder.Request(Request.Close)));
        }
        catch (ReleaseException)
        {
            // It is gone already; the next container sweeps up behind it.
        }

        _holder.Dispose();
        _turn.Dispose();
        _unpacking.Dispose();
    }

    private Task<Message> AskAsync(Message request, CancellationToken ct) => Waited(_holder.Send(request).WaitAsync(ct));

    /// <summary>The same task, which has ended when nobody has anything else to do meanwhile.</summary>
    private T Waited<T>(T task)
        where T : Task
    {
        if (WaitsHere)
        {
            ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        return task;
    }

    private static string LayerName(ImageLayer layer) => $"layers/{layer.DiffId.Hex}";
}
