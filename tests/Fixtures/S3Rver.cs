using System.Diagnostics;
using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>s3rver of npm: a real server that checks signatures and takes uploads in pieces. It knows no conditional writes.</summary>
public sealed partial class S3Rver : IAsyncDisposable
{
    private readonly Process _process;

    private S3Rver(Process process, string endpoint) => (_process, Endpoint) = (process, endpoint);

    /// <summary><c>http://127.0.0.1:PORT/</c></summary>
    public string Endpoint { get; }

    /// <summary>Key and secret of the one account it has.</summary>
    public static string Account => "S3RVER";

    /// <summary>Starts it on a free port with an empty bucket <see cref="FakeS3.Bucket"/>.</summary>
    public static async Task<S3Rver> StartAsync(Scratch scratch, CancellationToken ct)
    {
        string[] arguments = [NpmPackages.At("s3rver", "bin", "s3rver.js"), "-d", scratch.Folder("s3rver"), "-a", "127.0.0.1", "-p", "0", "--no-vhost-buckets", "--configure-bucket", FakeS3.Bucket];
        var process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var endpoint = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, _) => { };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                endpoint.TrySetException(new InvalidOperationException("s3rver did not start."));
            }
            else if (Listening().Match(line.Data) is { Success: true } match)
            {
                endpoint.TrySetResult($"http://127.0.0.1:{match.Groups[1].Value}/");
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new S3Rver(process, await endpoint.Task.WaitAsync(ct));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:([0-9]+)")]
    private static partial Regex Listening();
}
