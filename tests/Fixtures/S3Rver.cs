using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>s3rver of npm: a real server that checks signatures and takes uploads in pieces. It knows no conditional writes.</summary>
public sealed partial class S3Rver : IAsyncDisposable
{
    private readonly ListeningProgram _program;

    private S3Rver(ListeningProgram program) => _program = program;

    /// <summary><c>http://127.0.0.1:PORT/</c></summary>
    public string Endpoint => $"http://127.0.0.1:{_program.Where}/";

    /// <summary>Key and secret of the one account it has.</summary>
    public static string Account => "S3RVER";

    /// <summary>Starts it on a free port with an empty bucket <see cref="FakeS3.Bucket"/>.</summary>
    public static async Task<S3Rver> StartAsync(Scratch scratch, CancellationToken ct)
    {
        string[] arguments = [NpmPackages.At("s3rver", "bin", "s3rver.js"), "-d", scratch.Folder("s3rver"), "-a", "127.0.0.1", "-p", "0", "--no-vhost-buckets", "--configure-bucket", FakeS3.Bucket];
        return new S3Rver(await ListeningProgram.StartAsync(["node", .. arguments], Listening(), ct));
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [GeneratedRegex(@"listening on 127\.0\.0\.1:([0-9]+)")]
    private static partial Regex Listening();
}
