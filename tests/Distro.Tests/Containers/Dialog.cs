using System.Diagnostics;
using System.Text;
using DotnetRelease.Processes;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>A program that runs, told and heard one word after the other; on a terminal of its own when one is asked for.</summary>
internal sealed class Dialog : IDisposable
{
    private readonly StringBuilder _heard = new();
    private int _understood;

    private Dialog(Process process) => Process = process;

    public Process Process { get; }

    /// <summary>Everything it has said.</summary>
    public string Heard => _heard.ToString();

    /// <summary>Starts it with pipes.</summary>
    public static Dialog Start(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        return new Dialog(Process.Start(start)!);
    }

    /// <summary>Starts it in a terminal of 33 lines and 77 columns, which script(1) makes. The terminal's name and settings come first, its settings last.</summary>
    public static Dialog StartOnTerminal(Command command)
    {
        var words = string.Join(' ', command.Arguments.Prepend(command.Program).Select(Quoted));
        var script = $"stty rows 33 cols 77; tty; stty -g; {words}; code=$?; stty -g; exit $code";
        return Start(command with { Program = "script", Arguments = ["--quiet", "--return", "--command", script, "/dev/null"] });

        static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    public async Task TypeAsync(string text)
    {
        await Process.StandardInput.WriteAsync(text);
        await Process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until it says this, after what was waited for before.</summary>
    public async Task HearAsync(string text, CancellationToken ct)
    {
        var buffer = new char[4096];
        int at;
        while ((at = Heard.IndexOf(text, _understood, StringComparison.Ordinal)) < 0)
        {
            var count = await Process.StandardOutput.ReadAsync(buffer.AsMemory(), ct);
            Assert.AreNotEqual(0, count, $"It ended before it said '{text}': {Heard}");
            _heard.Append(buffer, 0, count);
        }

        _understood = at + text.Length;
    }

    /// <summary>Hears it out.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken ct)
    {
        _heard.Append(await Process.StandardOutput.ReadToEndAsync(ct));
        await Process.WaitForExitAsync(ct);
        return Process.ExitCode;
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
        }

        Process.Dispose();
    }
}
