using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

/// <summary>Runs the tool that was built with these tests as a process of its own.</summary>
internal static class BuiltTool
{
    /// <summary>A run in a home with nothing in it; the environment is the caller's choice.</summary>
    internal static Task<Outcome> RunAsync(string home, CancellationToken ct, params string[] arguments) => Exec.RunAsync(Command(home, arguments), ct);

    /// <summary>Such a run as a value, for tests that change it.</summary>
    internal static Command Command(string home, params string[] arguments) =>
        new Command("dotnet", [ToolUnderTest.Assembly, .. arguments])
        {
            WorkingDirectory = home,
        }
        .With("HOME", home).With("XDG_CONFIG_HOME", null).With("XDG_CACHE_HOME", null).With("XDG_DATA_HOME", null)
        .With("GNUPGHOME", home).With("DISPLAY", null).With("WAYLAND_DISPLAY", null).With("GPG_TTY", null);

    /// <summary>Stdout as the one JSON document that it has to be.</summary>
    internal static JsonElement Json(Outcome outcome)
    {
        using var document = JsonDocument.Parse(outcome.OutputBytes);
        return document.RootElement.Clone();
    }
}
