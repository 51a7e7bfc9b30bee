using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs.Doctor;

/// <summary>gpg, the key of the settings, and the agent that holds it. Nothing is signed, and nobody is asked for a passphrase.</summary>
/// <param name="gpg">Where the key is.</param>
/// <param name="machine">Which programs there are.</param>
internal sealed class SigningChecks(Gpg gpg, MachinePrograms machine)
{
    internal async Task<ImmutableArray<DoctorCheck>> RunAsync(string? key, CancellationToken ct)
    {
        var program = await machine.AskAsync("gpg", ProgramPackage.Gpg, "it holds the keys and checks signatures", ct);
        if (key is null)
        {
            return [program];
        }

        return program.Ok ? [program, .. await KeyAsync(key, ct)] : [program, DoctorCheck.NotTried("signing key", program), DoctorCheck.NotTried("gpg-agent", program)];
    }

    private async Task<ImmutableArray<DoctorCheck>> KeyAsync(string name, CancellationToken ct)
    {
        try
        {
            var key = await SigningKey.FindAsync(gpg, name, ct);
            return [DoctorCheck.Good("signing key", key.Warning ?? key.Certificate.ToString()), await AgentAsync(key, ct)];
        }
        catch (ReleaseException ex)
        {
            var failed = DoctorCheck.Bad("signing key", ex, ex.Fault == Fault.KeyUnusable ? "gpg --import FILE   (the secret key; in CI it is handed over to the commands: docs/keys.md)" : null);
            return [failed, DoctorCheck.NotTried("gpg-agent", failed)];
        }
    }

    private async Task<DoctorCheck> AgentAsync(SigningKey key, CancellationToken ct)
    {
        try
        {
            await using var session = await KeySession.OpenAsync(gpg, key, ct);
            return DoctorCheck.Good("gpg-agent", session.IsDirect ? "answers, and has the key" : "gpg itself signs with this key, one package after the other");
        }
        catch (ReleaseException ex)
        {
            return DoctorCheck.Bad("gpg-agent", ex, "gpgconf --kill gpg-agent");
        }
    }
}
