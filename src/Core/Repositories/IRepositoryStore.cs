using System.Collections.Immutable;

namespace DotnetRelease.Repositories;

/// <summary>
/// A repository that can be written. Every call leaves it whole for clients: under a final name lies a complete file, and
/// <c>repomd.xml</c> changes to what is complete already. What writes is called under <see cref="LockAsync"/> only.
/// </summary>
internal interface IRepositoryStore : IRepositoryReader
{
    /// <summary>Every file below a folder (<c>""</c>: all of them), ordered by location; unfinished files and the lock are left out.</summary>
    Task<ImmutableArray<StoredFile>> ListAsync(string folder, CancellationToken ct);

    /// <summary>
    /// Takes the repository for this process until the result is disposed, creates it when missing, removes what a killed run left,
    /// and finds out whether the place can do what the other calls need.
    /// </summary>
    /// <param name="purpose">What for, for whoever meets the lock: <c>publish</c>, <c>promote qa prod</c>.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.LockHeld"/> with owner, age and the way out; <see cref="Fault.StoreIncapable"/>; those of reading and writing.
    /// </exception>
    Task<IAsyncDisposable> LockAsync(string purpose, CancellationToken ct);

    /// <summary>Takes away a lock whose owner is dead: exactly the one with this token, which the refusal has told. False: it is not here.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockHeld"/>: its owner lives on this machine.</exception>
    Task<bool> BreakLockAsync(string token, CancellationToken ct);

    /// <summary>
    /// Adds files under names that are never replaced. One that is there with the same bytes stays as it is; on return all of them are durable.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.RpmDamaged"/>, <see cref="Fault.WriteFailed"/>, <see cref="Fault.StoreRefused"/>.</exception>
    Task AddAsync(ImmutableArray<FileOffer> files, CancellationToken ct);

    /// <summary>Replaces or creates a small file beside the packages; unchanged bytes are left alone.</summary>
    Task WriteAsync(string location, ReadOnlyMemory<byte> bytes, CancellationToken ct);

    /// <summary>
    /// Serves other metadata: its files first, then <c>repomd.xml.asc</c> and <c>repomd.xml</c>, as one where the place can. Files of <c>repodata/</c>
    /// that the change does not name stay, so that what was served before can be read, and served again.
    /// </summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>: what is served is not the base any more; those of writing.</exception>
    Task ServeAsync(MetadataChange change, CancellationToken ct);

    /// <summary>
    /// Says that what was changed since the lock belongs together. Where a place can only change as a whole, this is the moment it does; elsewhere
    /// it changed before.
    /// </summary>
    /// <param name="message">What was changed: one line, then an empty line and more.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Where a person goes on, such as the page that makes a pull request; else null.</returns>
    /// <exception cref="ReleaseException"><see cref="Fault.RepositoryMoved"/>, <see cref="Fault.StoreRefused"/> or <see cref="Fault.StoreUnreachable"/>; nothing changed.</exception>
    Task<string?> FinishAsync(string message, CancellationToken ct) => Task.FromResult<string?>(null);

    /// <summary>Removes files in the order given; one that is not there is no error.</summary>
    Task RemoveAsync(IEnumerable<string> locations, CancellationToken ct);
}
