using System.Collections.Immutable;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Containers;

/// <summary>
/// A tree of files made of an image's layers and what commands change in it. It lives as long as this object: what was not saved as a
/// prepared root is discarded at the end.
/// </summary>
public interface IContainer : IAsyncDisposable
{
    /// <summary>Waits until the engine has shown that it can run a container. Nothing is downloaded or unpacked before.</summary>
    /// <exception cref="ReleaseException">What this machine lacks, with the line that fixes it.</exception>
    Task ReadyAsync(CancellationToken ct);

    /// <summary>Unpacks a layer unless it is there; may be called as soon as the layer is downloaded.</summary>
    /// <returns>What was left out, for the user, or an empty text.</returns>
    Task<string> UnpackAsync(ImageLayer layer, CancellationToken ct);

    /// <summary>Makes the tree, unpacking what is missing. Called once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="roots">Prepared roots that were saved above the same image, lowest first.</param>
    /// <param name="ct">Ends the wait; disposing ends the work.</param>
    Task OpenAsync(Image image, ImmutableArray<string> roots, CancellationToken ct);

    /// <summary>Runs a command with our own standard streams, for a person or a script that called us.</summary>
    /// <returns>Its exit code; 128+N when signal N ended it.</returns>
    Task<int> RunAsync(Sandbox sandbox, CancellationToken ct);

    /// <summary>Runs a command without input and gives each part of its output, both streams, to <paramref name="output"/>, one part at a time.</summary>
    /// <returns>Its exit code; 128+N when signal N ended it.</returns>
    Task<int> RunAsync(Sandbox sandbox, Action<ReadOnlyMemory<byte>> output, CancellationToken ct);

    /// <summary>Runs a command without input and keeps its output, for commands that print an answer.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ContainerFailed"/> when it prints too much.</exception>
    Task<Outcome> ReadAsync(Sandbox sandbox, CancellationToken ct);

    /// <summary>Keeps what commands changed so far as a prepared root, complete from the moment it has its name, and goes on above it.</summary>
    Task SaveRootAsync(string key, CancellationToken ct);

    /// <summary>Opens a regular file of the tree for reading; it may not be a link.</summary>
    /// <param name="path">Absolute path inside.</param>
    /// <param name="limit">Most bytes that are acceptable.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildResultWrong"/>: missing, no regular file, or too large.</exception>
    Task<Stream> OpenReadAsync(string path, long limit, CancellationToken ct);

    /// <summary>Copies a file of this machine into the tree, replacing one that is there; the folder has to exist.</summary>
    /// <param name="source">File on this machine.</param>
    /// <param name="path">Absolute path inside.</param>
    /// <param name="executable">Whether it gets the mode 755 instead of 644.</param>
    /// <param name="ct">Ends the wait.</param>
    Task CopyInAsync(string source, string path, bool executable, CancellationToken ct);

    /// <summary>What a folder of the tree holds, sorted by name.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildResultWrong"/>: missing, or no folder.</exception>
    Task<ImmutableArray<ContainerEntry>> ListAsync(string path, CancellationToken ct);
}
