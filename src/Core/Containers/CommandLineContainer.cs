using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Containers;

/// <summary>
/// A tree in podman or docker. Each command is a container of its own, because each may have another network and other volumes; what one
/// changed becomes the image that the next one starts from. Nothing is ever joined from outside.
/// </summary>
internal sealed partial class CommandLineContainer : IContainer
{
    private readonly EngineProgram _program;
    private readonly Task _ready;
    private readonly string _name = EngineOwner.NewName();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lazy<TemporaryFolder> _folder = new(() => TemporaryFolder.Create("engine"));

    // What we made and have to remove, in the order in which it was made.
    private readonly List<string> _volumes = [];
    private readonly List<string> _steps = [];

    private ImageConfig _config = ImageConfig.Empty;
    private int _count;

    /// <summary>The tree, as the last fixed image.</summary>
    private string _image = "";

    /// <summary>A container that ended and changed the tree since, or null.</summary>
    private string? _changed;

    internal CommandLineContainer(EngineProgram program, Task ready) => (_program, _ready) = (program, ready);

    /// <inheritdoc/>
    public Task ReadyAsync(CancellationToken ct) => _ready.WaitAsync(ct);

    /// <summary>Nothing: the engine gets the whole image at once.</summary>
    public Task<string> UnpackAsync(ImageLayer layer, CancellationToken ct) => Task.FromResult("");

    /// <inheritdoc/>
    public async Task OpenAsync(Image image, ImmutableArray<string> roots, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(image);
        await ReadyAsync(ct);
        await RefuseForeignAsync(image, ct);
        _config = image.Config;
        _image = roots.IsEmpty ? await ProvideAsync(new EngineArchive(image) { ReadsEveryPacking = _program.ReadsEveryPacking }, ct) : CommandLineEngine.RootName(roots[^1]);
        await LearnVariablesAsync(ct);
    }

    /// <inheritdoc/>
    public async Task SaveRootAsync(string key, CancellationToken ct)
    {
        var root = CommandLineEngine.RootName(key);
        await _turn.WaitAsync(ct);
        try
        {
            if (_changed is null)
            {
                await _program.ReadAsync(["tag", _image, root], ct);
            }
            else
            {
                await CommitAsync(root, ct);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(string path, long limit, CancellationToken ct)
    {
        var copy = new FileStream(Path.Combine(_folder.Value.Path, Next("file")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        try
        {
            await CopyOutAsync(path, async tar => await EngineFiles.CopyAsync((path, limit), tar, copy), ct);
            copy.Position = 0;
            return copy;
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<ContainerEntry>> ListAsync(string path, CancellationToken ct)
    {
        ImmutableArray<ContainerEntry> entries = [];
        await CopyOutAsync(path, async tar => entries = await EngineFiles.ListAsync(path, tar), ct);
        return entries;
    }

    /// <inheritdoc/>
    public async Task CopyInAsync(string source, string path, bool executable, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(path);
        await _turn.WaitAsync(ct);
        try
        {
            var folder = Path.GetDirectoryName(path) is { Length: > 1 } parent ? parent + "/" : "/";
            var container = await ContainerAsync(ct);
            await _program.ReadAsync(["cp", "--archive=false", "-", $"{container}:{folder}"], tar => EngineFiles.WriteFileAsync(source, (Path.GetFileName(path), executable), tar), ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends every command and removes what was not saved.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_count > 0)
        {
            // Of several names none may be unknown: podman would remove no container at all, and not say so.
            var there = await Exec.RunAsync(_program.Call("ps", "--all", "--filter", $"name={_name}", "--format", "{{.Names}}"), CancellationToken.None);
            await RemoveAsync(["rm", "--force", "--volumes"], [.. there.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]);
        }

        await RemoveAsync(["volume", "rm", "--force"], _volumes);
        await RemoveAsync(["rmi", "--force"], _steps);
        if (_folder.IsValueCreated)
        {
            _folder.Value.Dispose();
        }

        _turn.Dispose();
    }

    /// <summary>Sends the image unless the engine has it, and makes sure that it has exactly these layers.</summary>
    private async Task<string> ProvideAsync(EngineArchive archive, CancellationToken ct)
    {
        ImmutableArray<string> question = ["image", "inspect", "--format", "{{json .RootFS.Layers}}", archive.Name];
        var answer = await Exec.RunAsync(_program.Call(question), ct);
        if (answer.ExitCode is not 0)
        {
            await _program.ReadAsync(["load"], archive.WriteAsync, ct);
        }

        var layers = answer.ExitCode is 0 ? answer.Output.Trim() : await _program.ReadAsync(question, ct);
        return string.Equals(layers, archive.Layers, StringComparison.Ordinal)
            ? archive.Name
            : throw new ReleaseException(Fault.ImageMismatch, $"{_program.Name} has other layers in '{archive.Name}' than were sent: {layers} instead of {archive.Layers}.")
            {
                Remedy = $"Remove it: {_program.Call("rmi", "--force", archive.Name)}",
            };
    }

    /// <summary>Without this, a wrong machine would show in the words of a kernel that cannot start a program.</summary>
    private async Task RefuseForeignAsync(Image image, CancellationToken ct)
    {
        if (_program.IsRemote && await _program.ReadAsync(_program.AskArchitecture, ct) is var there && !string.Equals(there, image.Platform.Architecture, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.BuildArchForeign, $"The image '{image.Reference}' is for {image.Platform}, and {_program.Name} there runs on {there}.")
            {
                Remedy = "Name an engine-host of that architecture.",
            };
        }
    }

    private async Task CopyOutAsync(string path, Func<Stream, Task> take, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var container = await ContainerAsync(ct);
            var outcome = await Exec.PipeAsync(_program.Call("cp", $"{container}:{path}", "-"), take, ct);
            if (outcome.ExitCode is not 0)
            {
                throw EngineFiles.Wrong(path, outcome.Error.Trim().ReplaceLineEndings("; ").TrimEnd('.'));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A container, ended or never started, whose files are the tree as it is now.</summary>
    private async Task<string> ContainerAsync(CancellationToken ct)
    {
        if (_changed is null)
        {
            var name = Next("c");

            // The program is never started, and need not be there.
            await _program.ReadAsync(["create", .. RunArguments.Common(_program, name), "--network", "none", _image, "true"], ct);
            _changed = name;
        }

        return _changed;
    }

    /// <summary>The tree as an image to start from.</summary>
    private async Task<string> ImageAsync(CancellationToken ct)
    {
        if (_changed is not null)
        {
            var step = $"{CommandLineEngine.StepRepository}:{Next("step")}";
            await CommitAsync(step, ct);
            _steps.Add(step);
        }

        return _image;
    }

    /// <summary>Makes an image of the changed container. The values of a command's variables and its folder are nothing that an image should keep.</summary>
    private async Task CommitAsync(string image, CancellationToken ct)
    {
        var changes = _variables.Order(StringComparer.Ordinal).Select(name => $"ENV {name}=")
            .Append($"WORKDIR {EngineArchive.FolderOf(_config)}")
            .Append($"LABEL {CommandLineEngine.Label}=image");
        await _program.ReadAsync(["commit", .. changes.SelectMany(change => (string[])["--change", change]), _changed!, image], ct);
        (_image, _changed) = (image, null);
    }

    private Task RemoveContainerAsync(string name) => RemoveAsync(["rm", "--force", "--volumes"], [name]);

    /// <summary>What is gone already is fine; what cannot be removed now is found by its name next time.</summary>
    private async Task RemoveAsync(ImmutableArray<string> how, List<string> names)
    {
        if (names.Count > 0)
        {
            await _program.TryAsync([.. how, .. Enumerable.Reverse(names)], CancellationToken.None);
        }
    }

    private string Next(string what) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{what}{Interlocked.Increment(ref _count)}");
}
