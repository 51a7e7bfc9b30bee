using System.Text;
using DotnetRelease.Containers;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>
/// The list of a prepared root's packages, as a file of the root itself: it comes and goes with the root, whatever engine keeps it, and
/// reading it starts no program.
/// </summary>
internal static class RootRecord
{
    /// <summary>What <c>rpm -qa</c> is asked for, one line for each package.</summary>
    internal const string Format = @"%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SHA256HEADER}\n";

    internal const string Folder = "/var/lib/dotnet-release";
    private const string File = Folder + "/root-packages";

    /// <summary>Ten thousand packages have 2 MB.</summary>
    private const int SizeLimit = 8 * 1024 * 1024;

    /// <summary>Writes the list as the image's rpm gives it, and beside it what that rpm can do.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PrepareFailed"/>.</exception>
    internal static async Task WriteAsync(IContainer container, CancellationToken ct) =>
        await AskAsync(container, $"mkdir -p {Folder} && {{ {RpmFeatures.Question}; }} > {RpmFeatures.File}; rpm -qa --qf '{Format}' > {File}", ct);

    /// <summary>What is installed in a container now.</summary>
    /// <inheritdoc cref="WriteAsync"/>
    internal static async Task<RootPackages> QueryAsync(IContainer container, CancellationToken ct) => Parse(await AskAsync(container, $"rpm -qa --qf '{Format}'", ct));

    /// <summary>Reads the list of an open container.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PrepareFailed"/>: it is none; the image's programs wrote it.</exception>
    internal static async Task<RootPackages> ReadAsync(IContainer container, CancellationToken ct)
    {
        await using var file = await container.OpenReadAsync(File, SizeLimit, ct);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return Parse(await reader.ReadToEndAsync(ct));
    }

    /// <summary>Reads the lines of rpm.</summary>
    internal static RootPackages Parse(string text) =>
        RootPackages.Of(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseLine).OfType<RootPackage>());

    private static async Task<string> AskAsync(IContainer container, string script, CancellationToken ct)
    {
        var outcome = await container.ReadAsync(new Sandbox("sh", "-c", script), ct);
        return outcome.ExitCode is 0
            ? outcome.Output
            : throw new ReleaseException(Fault.PrepareFailed, $"rpm -qa in the build root exited with {outcome.ExitCode}.") { Transcript = outcome.Error.TrimEnd() };
    }

    /// <summary>A key that was imported is kept like a package; it is installed nowhere and has no architecture.</summary>
    private static RootPackage? ParseLine(string line) => line.Split('\t') switch
    {
        ["gpg-pubkey", ..] => null,
        [var name, var epoch, var version, var release, var arch, var header]
            when Nevra.TryParse($"{name}-{epoch}:{version}-{release}.{arch}", out var nevra) && nevra.Name == name => new(nevra, HeaderOf(header, line)),
        _ => throw Damaged(line),
    };

    private static Digest? HeaderOf(string text, string line) =>
        text is "(none)" ? null : Digest.TryParse(text, out var digest) ? digest : throw Damaged(line);

    private static ReleaseException Damaged(string line)
    {
        const int enough = 200;
        var shown = string.Concat(line.Take(enough).Select(c => char.IsControl(c) ? '?' : c));
        return new(Fault.PrepareFailed, $"The list of packages that rpm wrote in the build root has a line that is none: '{shown}'.");
    }
}
