using System.Diagnostics;
using System.Globalization;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Bench;

/// <summary>What one more command costs in a container that is there, beside bubblewrap with the same namespaces and nothing else.</summary>
internal sealed class SessionBench(string image)
{
    private const int WarmUp = 5;

    /// <summary>Prints every time: <c>ours</c> or <c>bwrap</c>, and milliseconds.</summary>
    public async Task RunAsync(int rounds)
    {
        using var machine = new Machine(Places.FromEnvironment(), new ListReporter());
        await using var container = machine.Engine.Begin();
        await container.ReadyAsync(CancellationToken.None);
        var found = await machine.Images.UseAsync(ImageReference.Parse(image), new ImageWish(Platform.Current), CancellationToken.None);
        await container.OpenAsync(found, [], CancellationToken.None);
        var bare = new Command("bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--die-with-parent", "true");
        for (var round = -WarmUp; round < rounds; round++)
        {
            var ours = await TimeAsync(() => container.RunAsync(new Sandbox("true"), _ => { }, CancellationToken.None));
            var theirs = await TimeAsync(async () => (await Exec.RunAsync(bare, CancellationToken.None)).ExitCode);
            if (round >= 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ours {ours.TotalMilliseconds:0.00}\nbwrap {theirs.TotalMilliseconds:0.00}"));
            }
        }
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task<int>> run)
    {
        var start = Stopwatch.GetTimestamp();
        var code = await run();
        return code is 0 ? Stopwatch.GetElapsedTime(start) : throw new InvalidOperationException($"It exited with {code}.");
    }
}
