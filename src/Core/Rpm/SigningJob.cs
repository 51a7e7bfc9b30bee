using DotnetRelease.Processes;
using DotnetRelease.Storage;

namespace DotnetRelease.Rpm;

/// <summary>One file on its way to being signed, and the private copy beside it.</summary>
internal sealed class SigningJob(RpmFile file)
{
    private const int CopyBuffer = 1024 * 1024;

    /// <summary>The signed copy; nobody else knows its name.</summary>
    internal string Copy { get; } = Durable.UnfinishedBeside(file.Path);

    private string Path => file.Path;

    internal async Task WriteCopyAsync(Gpg gpg, string key, CancellationToken ct)
    {
        await using var source = RpmReader.Open(file.Path);
        var package = await RpmReader.ReadAsync(source, file.Path, ct);
        if (package.Format is not 4 || package.PayloadDigest is null)
        {
            throw new ReleaseException(Fault.SigningFailed, package.PayloadDigest is null
                ? $"'{file.Path}' has no digest of its payload in its header, so that a signature would not cover the payload."
                : $"'{file.Path}' has package format {package.Format}; signed are packages of format 4.")
            {
                Remedy = "Build the package again with rpm 4.14 or newer and format 4.",
            };
        }

        var packet = await gpg.SignAsync(key, package.Header.Bytes, armor: false, ct);
        var signature = OpenPgpSignature.TryParse(packet)
            ?? throw new ReleaseException(Fault.SigningFailed, $"gpg's signature for '{file.Path}' is not a single OpenPGP signature packet of version 4.");
        try
        {
            await using var target = new FileStream(Copy, Options());
            await target.WriteAsync(package.Lead.Bytes, ct);
            await target.WriteAsync(SignatureHeader.With(package.Signature, signature), ct);
            await target.WriteAsync(package.Header.Bytes, ct);
            await source.CopyToAsync(target, CopyBuffer, ct);
            File.SetUnixFileMode(target.SafeFileHandle, File.GetUnixFileMode(source.SafeFileHandle));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"A signed copy of '{file.Path}' could not be written: {ex.Message}", inner: ex);
        }
    }

    /// <summary>The copy is signed by this key, and except for its signature it is the file.</summary>
    internal SignedRpm Prove(RpmVerification copy, SigningKey key)
    {
        var same = copy.File is { } made && made.Nevra == file.Nevra && made.HeaderSha256 == file.HeaderSha256;
        return copy.Verdict is { IsGood: true, Signature: { } by } && key.Made(by) && same
            ? new SignedRpm(copy.File! with { Path = file.Path }, by)
            : throw new ReleaseException(Fault.SigningFailed, $"The signed copy of '{file.Path}' {(copy.Verdict.IsGood ? "is not what was to be signed" : copy.Verdict.Text)}.");
    }

    /// <summary>All copies take their files' names; each file is whole at any moment.</summary>
    internal static void Commit(IReadOnlyCollection<SigningJob> jobs)
    {
        try
        {
            Durable.Commit([.. jobs.Select(job => (job.Copy, job.Path))]);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"A signed copy could not take the place of its file: {ex.Message}", inner: ex);
        }
    }

    internal void Discard() => File.Delete(Copy);

    /// <summary>Nobody else may read an unpublished package before its owner says so.</summary>
    private static FileStreamOptions Options() => new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };
}
