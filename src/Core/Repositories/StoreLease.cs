using System.Globalization;
using System.Text.Json;

namespace DotnetRelease.Repositories;

/// <summary>
/// A lock where no kernel drops it with its owner: a file that is there or not, created only when it is free. It says who holds it, since
/// when, and a token that no other lock has, so that exactly this one can be taken away, and its holder notices.
/// </summary>
/// <param name="Token">Told to whoever is refused.</param>
/// <param name="Owner">User and machine.</param>
/// <param name="Process">Number of the process there.</param>
/// <param name="Since">When it was taken, by the owner's clock.</param>
internal sealed record StoreLease(string Token, string Owner, int Process, DateTimeOffset Since)
{
    /// <summary>Name of the file beside <c>repodata/</c>. A folder of this machine has a real lock, under another name.</summary>
    internal const string Location = ".dotnet-release.lease";

    /// <summary>Larger is none of ours.</summary>
    internal const int Limit = 4096;

    private static string Here => $"{Environment.UserName} on {Environment.MachineName}";

    /// <summary>What for.</summary>
    public required string Purpose { get; init; }

    /// <summary>One for this process, from now on.</summary>
    internal static StoreLease New(string purpose) => new(Guid.NewGuid().ToString("n"), Here, Environment.ProcessId, DateTimeOffset.UtcNow) { Purpose = purpose };

    /// <summary>Reads a file; anything that is not ours is a lock of somebody unknown.</summary>
    internal static StoreLease Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<StoreLease>(bytes) ?? Unknown;
        }
        catch (JsonException)
        {
            return Unknown;
        }
    }

    /// <summary>The file's bytes.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Tells whoever wants the lock who has it, and what to do when that is nobody any more.</summary>
    internal ReleaseException Held(string store)
    {
        var age = DateTimeOffset.UtcNow - Since;
        return new ReleaseException(
            Fault.LockHeld,
            string.Create(CultureInfo.InvariantCulture, $"'{store}' is locked by {Owner}, process {Process}, for '{Purpose}', since {Since:u} ({Math.Max(0, (long)age.TotalMinutes)} minutes ago)."))
        {
            Remedy = IsAlive
                ? "That process runs on this machine: wait for it."
                : $"Wait for it. When that process is dead, take its lock away: dotnet release repo unlock {Token}",
        };
    }

    /// <summary>Whether it is the lock that was named; one whose owner lives here is not taken away.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/>.</exception>
    internal bool IsBreakable(string token, string store) => Token == token && (IsAlive ? throw Held(store) : true);

    private bool IsAlive => Owner == Here && IsRunning(Process);

    private static StoreLease Unknown => new("unknown", "somebody unknown", 0, DateTimeOffset.UnixEpoch) { Purpose = "unknown" };

    private static bool IsRunning(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (Exception ex) when (ex is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
