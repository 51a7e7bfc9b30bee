using DotnetRelease.Planning;
using DotnetRelease.Specs;

namespace DotnetRelease.Runs;

/// <summary>Brings the lines of a <c>sources</c> file that are about followed packages in line with the lock: in dist-git every source has one.</summary>
/// <param name="Sha512">
/// Gets a locked file and gives the digest that no lock has; null where nothing may be asked for, as in a dry run.
/// </param>
internal sealed record SourcesRenewal(Func<PlannedSource, CancellationToken, Task<Digest>>? Sha512)
{
    /// <summary>The edit of one RPM's file; null when it has none or none of its lines is about a followed package.</summary>
    /// <param name="folder">As it is on disk.</param>
    /// <param name="update">What the spec becomes.</param>
    /// <param name="notes">Gets what could not be done.</param>
    /// <param name="ct">Ends downloads.</param>
    internal async Task<SourcesEdit?> FindAsync(SpecFolder folder, SpecUpdate update, ICollection<SpecNote> notes, CancellationToken ct)
    {
        if (folder.Sources is not { } sources)
        {
            return null;
        }

        var edit = new SourcesEdit(sources, sources.Path);
        foreach (var followed in update.Followed.DistinctBy(each => each.NewFile.Name, StringComparer.Ordinal))
        {
            var file = followed.NewFile;
            if ((sources.Find(followed.OldName) ?? sources.Find(file.Name)) is not { } line || file.Digest.Sha256 is not { } sha256)
            {
                continue;
            }

            if (!edit.IsLong)
            {
                edit = edit.With(file.Name, sha256, followed.OldName);
            }
            else if (sources.Find(file.Name) is null && Sha512 is null)
            {
                notes.Add(new SpecNote(line.Position, $"The line of {followed.OldName} will be one of {file.Name}; its sha512 is known when the file was fetched."));
            }
            else if (sources.Find(file.Name) is null)
            {
                var planned = new PlannedSource(file.Name, sha256, file.Position) { Package = followed.Package.Name, Url = file.Url, Size = file.Size };
                edit = edit.With(file.Name, await Sha512!(planned, ct), followed.OldName);
            }
        }

        return edit.IsChange ? edit : null;
    }
}
