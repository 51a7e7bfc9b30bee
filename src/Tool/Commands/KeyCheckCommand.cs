using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>key check</c>: whether a key is fit to sign for all clients, today and in the near future.</summary>
internal static class KeyCheckCommand
{
    private const int DefaultDays = 90;

    private const string Summary = """
        Check a signing key: how long it lives, what it may do, and which clients will not take it.

        Checked are expiry, revocation, usage flags, secret parts, the size of the key, the hash of its self-signatures and the shape of its
        subkeys; if this machine has rpm, it is asked whether it would import the key. Nothing is signed, and no passphrase is asked for.
        Without a fingerprint: signing.key of the settings, and signing.next-key if there is one. A failure ends with 4.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> names = new("fpr") { Description = "Full fingerprint of the key, with a closing ! for exactly that (sub)key; repeatable.", Arity = ArgumentArity.ZeroOrMore };
        Option<int> days = new("--days") { HelpName = "n", Description = "An expiry within so many days is a failure.", DefaultValueFactory = _ => DefaultDays };
        var secret = new KeyOptions();

        return new Verb("check", Summary, "dotnet release key check", "dotnet release key check DE28AB241FA48260FAC9B8BAA7C9B38522604281 --days 180 --json")
        {
            names, days, secret.File, secret.Descriptor,
        }
        .Does(async (parsed, session, ct) =>
        {
            using var access = secret.Read(parsed, session);
            var wanted = parsed.GetValue(names) is { Length: > 0 } given ? [.. given] : await OfSettingsAsync(session, ct);
            var soon = TimeSpan.FromDays(Math.Clamp(parsed.GetValue(days), 0, 36_500));
            await using var home = await access.OpenAsync(ct);
            var reports = ImmutableArray.CreateBuilder<KeyReport>();
            foreach (var name in wanted)
            {
                reports.Add(await KeyReport.MakeAsync(home.Gpg, name, soon, ct));
            }

            return Show(session, reports.ToImmutable());
        });
    }

    private static async Task<ImmutableArray<string>> OfSettingsAsync(Session session, CancellationToken ct) =>
        (await Workspace.TryOpenAsync(session.Folder, session.Config, ct))?.Settings.Signing is { } signing
            ? [signing.Key, .. signing.NextKey is { } next ? [next] : (string[])[]]
            : throw new ReleaseException(Fault.KeyNameMalformed, "No key is named: neither a fingerprint nor signing.key in release.toml.") { Remedy = "See the fingerprints: gpg --list-keys" };

    private static ExitCode Show(Session session, ImmutableArray<KeyReport> reports)
    {
        var failures = reports.SelectMany(report => report.Findings).Where(finding => finding.Level is KeyFindingLevel.Failure).ToList();
        if (session.Json)
        {
            session.WriteJson(json => Write(json, reports));
            return failures.Count is 0 ? ExitCode.Success : Fault.KeyRefused.Exit;
        }

        foreach (var report in reports)
        {
            session.Output.WriteLine($"{(report.IsGood ? "ok     " : "refused")} {report.Certificate}");
            foreach (var finding in report.Findings)
            {
                session.Output.WriteLine($"  {finding.Level.ToString().ToLowerInvariant(),-8}{finding.Id}: {finding}");
            }
        }

        return failures.Count is 0
            ? ExitCode.Success
            : throw new ReleaseException(Fault.KeyRefused, $"Key {failures[0].Fingerprint} {failures[0].Text}{(failures.Count is 1 ? "" : $", and {failures.Count - 1} more failures")}.") { Remedy = failures[0].Remedy };
    }

    /// <summary><c>{"schema","ok","keys":[{"fingerprint","userId","ok","findings":[{"id","level","fingerprint","text","clients","remedy"}]}]}</c>.</summary>
    private static void Write(Utf8JsonWriter json, ImmutableArray<KeyReport> reports)
    {
        json.WriteBoolean("ok", reports.All(report => report.IsGood));
        json.WriteItems("keys", reports, report =>
        {
            json.WriteString("fingerprint", report.Certificate.Fingerprint);
            json.WriteString("userId", report.Certificate.UserIds.FirstOrDefault());
            json.WriteBoolean("ok", report.IsGood);
            json.WriteItems("findings", report.Findings, finding => Write(json, finding));
        });
    }

    private static void Write(Utf8JsonWriter json, KeyFinding finding)
    {
        json.WriteString("id", finding.Id);
        json.WriteString("level", finding.Level.ToString().ToLowerInvariant());
        json.WriteString("fingerprint", finding.Fingerprint);
        json.WriteString("text", finding.Text);
        json.WriteStrings("clients", finding.Clients);
        json.WriteString("remedy", finding.Remedy);
    }
}
