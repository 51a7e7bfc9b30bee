using DotnetRelease.Building;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// Whether the statement of provenance and the SBOM beside a package are about this package. That they are true only a signature could say:
/// whoever can write both files can write anything into them.
/// </summary>
public static class StatementCheck
{
    /// <summary>Reads the statement beside a package and proves that it is about it; null when there is none.</summary>
    /// <param name="file">The package, whose every digest agrees: its header's covers the payload.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.StatementUnreadable"/> or <see cref="Fault.StatementContradicts"/>.</exception>
    public static async Task<BuildStatement?> ReadAsync(RpmFile file, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(file);
        var stem = file.Path.EndsWith(".rpm", StringComparison.Ordinal) ? file.Path[..^".rpm".Length] : file.Path;
        var path = stem + Provenance.Suffix;
        if (await TryReadAsync(path, ct) is not { } bytes)
        {
            return null;
        }

        var statement = Provenance.TryReadStatement(bytes)
            ?? throw new ReleaseException(Fault.StatementUnreadable, $"'{path}' is no statement of this program, so nothing says where '{file.Path}' comes from.");
        var subject = statement.Subject;
        if (subject.Name != file.Nevra.FileName || subject.HeaderDigest != file.HeaderSha256)
        {
            throw new ReleaseException(
                Fault.StatementContradicts,
                $"'{path}' is about {subject.Name} whose header has {subject.HeaderDigest}; '{file.Path}' is {file.Nevra.FileName} whose header has {file.HeaderSha256}.");
        }

        await ProveSbomAsync(stem + Sbom.Suffix, statement, file, ct);
        return statement;
    }

    private static async Task ProveSbomAsync(string path, BuildStatement statement, RpmFile file, CancellationToken ct)
    {
        // Statements of earlier releases name none.
        if (statement.Record.Documents.FirstOrDefault(document => document.Name == Sbom.FileNameFor(file.Nevra)) is { } document
            && await TryReadAsync(path, ct) is { } bytes && Digest.Of(bytes) is var digest && digest != document.Digest)
        {
            throw new ReleaseException(Fault.StatementContradicts, $"'{path}' has {digest}; the statement beside it says {document.Digest}.");
        }
    }

    private static async Task<byte[]?> TryReadAsync(string path, CancellationToken ct)
    {
        try
        {
            return !File.Exists(path) ? null
                : new FileInfo(path).Length <= Provenance.SizeLimit ? await File.ReadAllBytesAsync(path, ct)
                : throw new ReleaseException(Fault.StatementUnreadable, $"'{path}' is larger than anything that this program writes there.");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' could not be read: {ex.Message}", inner: ex);
        }
    }
}
