using System.Collections.Immutable;
using DotnetRelease.OpenPgp;
using DotnetRelease.Storage;

namespace DotnetRelease.Rpm;

/// <summary>One file on its way to being signed, and the private copy beside it.</summary>
/// <param name="file">What is to be signed.</param>
/// <param name="run">Name of this run, which the copy's name holds.</param>
internal sealed class SigningJob(RpmFile file, string run)
{
    private const int CopyBuffer = 1024 * 1024;

    /// <summary>Copies are named so, then the name of the run; a later run recognises those of one that was killed.</summary>
    private const string CopyPrefix = Durable.UnfinishedPrefix + "sign-";

    /// <summary>The signed copy; nobody else knows its name.</summary>
    internal string Copy { get; } = System.IO.Path.Combine(Folder(file.Path), $"{CopyPrefix}{run}-{Guid.NewGuid():n}");

    private string Path => file.Path;

    /// <summary>Removes copies beside these files whose run is not alive any more; gives their paths.</summary>
    internal static ImmutableArray<string> RemoveLeftovers(IEnumerable<string> paths, Predicate<string> isAlive)
    {
        try
        {
            ImmutableArray<string> dead =
            [
                .. from folder in paths.Select(Folder).Distinct(StringComparer.Ordinal)
                   where Directory.Exists(folder)
                   from copy in Directory.EnumerateFiles(folder, CopyPrefix + "*")
                   where !isAlive(System.IO.Path.GetFileName(copy)[CopyPrefix.Length..].Split('-')[0])
                   select copy,
            ];
            foreach (var copy in dead)
            {
                File.Delete(copy);
            }

            return dead;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.WriteFailed, $"What a killed run left behind could not be removed: {ex.Message}", inner: ex);
        }
    }

    internal async Task WriteCopyAsync(KeySession session, CancellationToken ct)
    {
        await using var source = RpmReader.Open(file.Path);
        var package = await RpmReader.ReadAsync(source, file.Path, ct);
        if (package.Format is not (4 or 6) || !package.CoversPayload)
        {
            throw new ReleaseException(Fault.SigningFailed, package.Format is not (4 or 6)
                ? $"'{file.Path}' has package format {package.Format}; signed are packages of format 4 and 6."
                : $"'{file.Path}' has no digest of its payload in its header, so that a signature would not cover the payload.")
            {
                Remedy = "Build the package again with rpm 4.14 or newer.",
            };
        }

        var packet = await session.SignAsync(package.Header.Bytes, ct);
        var signature = OpenPgpSignature.TryParse(packet)
            ?? throw new ReleaseException(Fault.SigningFailed, $"gpg's signature for '{file.Path}' is not a single OpenPGP signature packet of version 4.");
        try
        {
            FailPoint.At("sign.copy");
            await using var target = new FileStream(Copy, Options());
            await target.WriteAsync(package.Lead.Bytes, ct);
            await target.WriteAsync(SignatureHeader.With(package, signature), ct);
            await target.WriteAsync(package.Header.Bytes, ct);
            FailPoint.At("sign.half");
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
            FailPoint.At("sign.commit");
            Durable.Commit([.. jobs.Select(job => (job.Copy, job.Path))]);
        }
        catch (IOException ex)
        {
            throw new ReleaseException(Fault.WriteFailed, $"A signed copy could not take the place of its file: {ex.Message}", inner: ex);
        }
    }

    internal void Discard() => File.Delete(Copy);

    private static string Folder(string path) => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;

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
