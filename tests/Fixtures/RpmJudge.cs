using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>rpm's own opinion, with a fresh database that knows only the given keys, asked so that its answer means something.</summary>
public static class RpmJudge
{
    /// <summary>What rpmkeys prints for each file, in order, without the path: <c>digests signatures OK</c> is the only good one.</summary>
    public static async Task<string[]> CheckAsync(IReadOnlyList<string> files, params TestKey[] keys)
    {
        using var scratch = new Scratch();
        foreach (var key in keys)
        {
            var path = scratch[key.Fingerprint + ".asc"];
            await File.WriteAllBytesAsync(path, (await key.PublicAsync(armor: true)).ToArray());
            await Exec.ReadAsync(Rpmkeys(scratch, "--import", path), CancellationToken.None);
        }

        var said = await Exec.RunAsync(Rpmkeys(scratch, ["--define", "_pkgverify_level all", "--define", "_pkgverify_flags 0x0", "--checksig", .. files]), CancellationToken.None);

        // After a file that is no RPM the line is not ended, so an answer may stand in the middle of a line.
        return [.. files.Select(file => said.Output.IndexOf(file + ": ", StringComparison.Ordinal) is >= 0 and var at ? said.Output[(at + file.Length + 2)..].Split('\n')[0] : "no answer")];
    }

    /// <summary>Signs with rpm's own program.</summary>
    public static Task SignAsync(string file, TestKey key) => Exec.ReadAsync(
        new Command("rpmsign", "--define", "__gpg /usr/bin/gpg", "--define", $"_gpg_name {key.Fingerprint}", "--addsign", file)
            .With("GNUPGHOME", key.Home).With("HOME", key.Home),
        CancellationToken.None);

    /// <summary>Asks rpm for a value of a package.</summary>
    public static async Task<string> QueryAsync(string file, string format)
    {
        using var scratch = new Scratch();
        var said = await Exec.ReadAsync(
            new Command("rpm", "--dbpath", scratch["db"], "-qp", "--nosignature", "--nodigest", "--qf", format, file).With("HOME", scratch.Root), CancellationToken.None);
        return said.Output;
    }

    private static Command Rpmkeys(Scratch scratch, params string[] arguments) =>
        new Command("rpmkeys", ["--dbpath", scratch["db"], .. arguments]).With("HOME", scratch.Root);
}
