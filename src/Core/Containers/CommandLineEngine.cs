using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// Runs containers with podman or docker. Images come from our own verified cache, not from a registry, so that both engines get the same
/// bytes as the embedded one; a prepared root is an image of theirs.
/// </summary>
internal sealed class CommandLineEngine : IContainerEngine
{
    /// <summary>On everything we make.</summary>
    internal const string Label = "dotnet-release";

    private readonly EngineProgram _program;
    private readonly Lazy<Task> _ready;

    /// <param name="program">How it is called.</param>
    internal CommandLineEngine(EngineProgram program)
    {
        _program = program;
        _ready = new(() => new EngineLeftovers(program).RemoveAsync(CancellationToken.None));
    }

    /// <inheritdoc/>
    public IContainer Begin() => new CommandLineContainer(_program, _ready.Value);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> TryAsync(CancellationToken ct)
    {
        // Nothing runs before its first command.
        var container = Begin();
        await container.ReadyAsync(ct);
        return container;
    }

    /// <summary>Never: it has to be sent to the engine once, and the cache keeps it.</summary>
    public bool HasLayer(Digest diffId) => false;

    /// <inheritdoc/>
    public Task<bool> HasRootAsync(string key, CancellationToken ct)
    {
        ImmutableArray<string> question = ["image", "inspect", "--format", "x", RootName(key)];
        return _program.TryAsync(question, ct);
    }

    /// <summary>The image that is a prepared root.</summary>
    internal static string RootName(string key) => $"localhost/dotnet-release/root:{PreparedRoots.Name(key)["roots/".Length..]}";

    /// <summary>The image that holds a distribution as it came.</summary>
    internal static string ImageName(Digest config) => $"localhost/dotnet-release/image:{config.Hex}";

    /// <summary>The images that hold the tree of a container between two of its commands.</summary>
    internal const string StepRepository = "localhost/dotnet-release/step";
}
