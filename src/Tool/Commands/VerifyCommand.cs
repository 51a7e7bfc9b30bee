using System.Collections.Immutable;
using System.CommandLine;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>verify</c>: checks RPMs as a client with strict settings would.</summary>
internal static class VerifyCommand
{
    private const string Summary = """
        Check RPMs: every digest, and a signature by an expected key.

        A folder stands for all RPMs in it and below. Expected are the keys of --key, each one public key in a file of its own; without them the
        certificate of signing.key in the settings, taken from the keyring. Unsigned is never good, however fine the digests are.
        """;

    public static System.CommandLine.Command Create()
    {
        Argument<string[]> paths = new("path") { Description = "An RPM, or a folder with RPMs; repeatable.", Arity = ArgumentArity.OneOrMore };
        Option<string[]> keys = new("--key") { HelpName = "file", Description = "File with the public key that has to have signed; repeatable for a change of keys." };

        return new Verb(
            "verify",
            Summary,
            "dotnet release verify dist/rpm --key project.asc",
            "dotnet release verify package.rpm --key project.asc --json")
        {
            paths, keys,
        }
        .Does(async (parsed, session, ct) =>
        {
            ImmutableArray<string> files = [.. parsed.GetRequiredValue(paths).Select(session.Resolve).SelectMany(RpmsAt)];
            await using var verifier = await RpmVerifier.OpenAsync(await CertificatesAsync(session, parsed.GetValue(keys) ?? [], ct), ct);
            foreach (var leftover in verifier.RemovedLeftovers)
            {
                session.Reporter.Info($"Removed '{leftover}', a keyring that a killed run left behind.");
            }

            return Show(session, await verifier.VerifyAsync(files, ct));
        });
    }

    private static IEnumerable<string> RpmsAt(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            string[] found = [.. Directory.EnumerateFiles(path, "*.rpm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            return found.Length > 0 ? found : throw new ReleaseException(Fault.FileUnreadable, $"There is no RPM in '{path}' or below it.");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be listed: {ex.Message}", inner: ex);
        }
    }

    private static async Task<ImmutableArray<ReadOnlyMemory<byte>>> CertificatesAsync(Session session, string[] keys, CancellationToken ct)
    {
        if (keys.Length > 0)
        {
            return [.. keys.Select(key => (ReadOnlyMemory<byte>)ReadKey(session.Resolve(key)))];
        }

        return SettingsFile.TryRead(session)?.Signing is { } signing
            ? [await new Gpg().ExportAsync(signing.Key, armor: false, ct)]
            : throw new ReleaseException(Fault.Usage, "Nobody said whose signature is expected.") { Remedy = "Name a file with the public key: --key project.asc" };
    }

    private static byte[] ReadKey(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"The key file '{path}' could not be read: {ex.Message}", inner: ex);
        }
    }

    private static ExitCode Show(Session session, ImmutableArray<RpmVerification> results)
    {
        var refused = results.Where(result => !result.Verdict.IsGood).ToList();
        if (session.Json)
        {
            session.WriteJson(json => RpmJson.WriteVerifications(json, results));
            return refused.Count is 0 ? ExitCode.Success : Gravest(refused).Exit;
        }

        foreach (var result in results)
        {
            session.Output.WriteLine($"{(result.Verdict.IsGood ? "ok     " : "refused")} {result.Path} {result.Verdict.Text}.{(result.Note is null ? "" : " " + result.Note)}");
        }

        return refused.Count is 0
            ? ExitCode.Success
            : throw new ReleaseException(Gravest(refused), refused.Count is 1
                ? $"'{refused[0].Path}' {refused[0].Verdict.Text}."
                : $"{refused.Count} of {results.Length} files were refused, the first of them '{refused[0].Path}': it {refused[0].Verdict.Text}.");
    }

    /// <summary>A file that was refused weighs more than one that is no RPM at all.</summary>
    private static Fault Gravest(List<RpmVerification> refused) =>
        refused.Select(result => result.Verdict.Fault!).FirstOrDefault(fault => fault.Exit is ExitCode.Refused) ?? refused[0].Verdict.Fault!;
}
