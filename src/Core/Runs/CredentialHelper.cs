using System.Collections;
using System.Text;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>The programs <c>docker-credential-NAME</c>, which keep logins in a keyring or get them from a cloud.</summary>
public static class CredentialHelper
{
    /// <summary>The word of the protocol for "I have none".</summary>
    private const string NotFound = "credentials not found";

    /// <summary>Long enough for a person who is asked to unlock a keyring.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Where the helpers of clouds and keyrings find what they need; a child sees nothing else of our environment.</summary>
    private static readonly string[] Handed = ["AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "DOCKER_CONFIG", "PASSWORD_STORE_"];

    /// <summary>The logins of the user whose environment this is.</summary>
    public static RegistryLogins UserLogins() => new(RegistryLogins.FilesOf(Environment.GetEnvironmentVariable), AskAsync);

    /// <summary>Asks a helper; see <see cref="HelperQuestion"/>.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.ToolMissing"/>, <see cref="Fault.ToolFailed"/>.</exception>
    public static Task<ReadOnlyMemory<byte>> AskAsync(string helper, string server, CancellationToken ct) =>
        AskProgramAsync($"docker-credential-{helper}", server, ct);

    /// <summary>What the program printed is never shown: it may be the secret.</summary>
    internal static async Task<ReadOnlyMemory<byte>> AskProgramAsync(string program, string server, CancellationToken ct)
    {
        var command = new Command(program, "get") { Input = Encoding.UTF8.GetBytes(server) };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            command = Array.Exists(Handed, start => name.StartsWith(start, StringComparison.Ordinal)) ? command.With(name, (string?)variable.Value) : command;
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct);
        both.CancelAfter(Patience);
        try
        {
            var outcome = await Exec.RunAsync(command, both.Token);
            return outcome.ExitCode is 0 ? outcome.OutputBytes
                : outcome.Output.Contains(NotFound, StringComparison.Ordinal) ? ReadOnlyMemory<byte>.Empty
                : throw new ReleaseException(Fault.ToolFailed, $"'{command}' for {server} exited with {outcome.ExitCode}.");
        }
        catch (OperationCanceledException ex) when (!ct.IsCancellationRequested)
        {
            throw new ReleaseException(Fault.ToolFailed, $"'{command}' for {server} did not answer within a minute.", inner: ex);
        }
    }
}
