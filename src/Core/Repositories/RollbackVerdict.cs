namespace DotnetRelease.Repositories;

/// <summary>
/// Whether a repository was set back behind our back. Every signature of an old repomd.xml is good for ever; its revision gives it
/// away, compared with what a maintainer recorded and with what the ledger saw.
/// </summary>
internal static class RollbackVerdict
{
    /// <summary>The problem, or null when the served revision is none that was superseded.</summary>
    /// <param name="name">What a person calls the repomd.xml.</param>
    /// <param name="served">Its revision.</param>
    /// <param name="record">The signed record, or null.</param>
    /// <param name="ledger">The highest revision that the ledger saw published there, or null.</param>
    internal static ReleaseException? Of(string name, long served, RevisionRecord? record, long? ledger) => (record, ledger) switch
    {
        ({ } known, _) when served < known.Current.Revision => Below(name, served, known),
        (_, { } seen) when served < seen => Below(name, served, $"the ledger's {seen}", seen),
        _ => null,
    };

    internal static ReleaseException Below(string name, long served, RevisionRecord record) =>
        Below(name, served, $"{record.Current.Revision}, which was {record.Current.Act} on {record.Current.Time:yyyy-MM-dd}", record.Current.Revision);

    private static ReleaseException Below(string name, long served, string known, long revision) =>
        new(Fault.RepositoryRolledBack, $"'{name}' was set back: it has revision {served}, below {known}.")
        {
            Remedy = $"Find out who put old metadata there. To serve the newest again: dotnet release repo rollback NAME --to {revision}",
        };
}
