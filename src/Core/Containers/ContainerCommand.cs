using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Images;

namespace DotnetRelease.Containers;

/// <summary>What runs in an image: the user's words and the image's own, put together as podman and docker do.</summary>
public static class ContainerCommand
{
    /// <summary>Reads the value of <c>--entrypoint</c>: a program, a JSON array of a program and its arguments, or nothing at all.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: an array that is none of texts.</exception>
    public static ImmutableArray<string> ParseEntrypoint(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith('['))
        {
            return text.Length > 0 ? [text] : [];
        }

        try
        {
            using var array = JsonDocument.Parse(text);
            return [.. array.RootElement.EnumerateArray().Select(word => word.GetString() ?? throw new JsonException("null is no text"))];
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            throw new ReleaseException(Fault.Usage, $"'--entrypoint {text}' is no JSON array of texts: {ex.Message}", inner: ex);
        }
    }

    /// <summary>The whole command line.</summary>
    /// <param name="image">Says what runs when the user does not.</param>
    /// <param name="entrypoint">The user's; null: the image's. With the user's own, the image's command no longer fits.</param>
    /// <param name="words">The user's command; empty: the image's.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: nobody says what to run.</exception>
    public static ImmutableArray<string> Of(Image image, ImmutableArray<string>? entrypoint, ImmutableArray<string> words)
    {
        ArgumentNullException.ThrowIfNull(image);
        var rest = words.IsEmpty && entrypoint is null ? image.Config.Command : words;
        ImmutableArray<string> command = [.. entrypoint ?? image.Config.Entrypoint, .. rest];
        return command.IsEmpty
            ? throw new ReleaseException(Fault.Usage, $"The image '{image.Reference}' does not say what to run.") { Remedy = "Name a command after '--'." }
            : command;
    }
}
