using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Specs;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>Brings the specs of a project in line with its locks.</summary>
/// <param name="Workspace">The project.</param>
/// <param name="Known">Spares hashing files that nobody touched.</param>
public sealed record SpecUpdateRun(Workspace Workspace, KnownDigests Known)
{
    /// <summary>Day of a changelog entry.</summary>
    public required DateOnly Date { get; init; }

    /// <summary><c>Name &lt;mail&gt;</c> of who writes the entry; null: as git knows the user.</summary>
    public string? Packager { get; init; }

    /// <summary>Gets a locked file and gives its sha512, for a <c>sources</c> file that has such lines; null where nothing may be fetched.</summary>
    public Func<PlannedSource, CancellationToken, Task<Digest>>? Sha512 { get; init; }

    /// <summary>Finds the edits of the named RPMs, or of all that follow a package. Nothing is written.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>, <see cref="Fault.SpecNotFound"/>, <see cref="Fault.AnswerNeeded"/>, <see cref="Fault.AlarmRaised"/>, and what <see cref="SpecUpdate"/> does.</exception>
    public async Task<ImmutableArray<UpdatedSpec>> FindAsync(ImmutableArray<string> names, PlanRange range, CancellationToken ct)
    {
        Planner.RefuseUnknownRpms(names, Workspace.Settings);
        var (inputs, detection) = await new PlanRun(Workspace, Known).ReadAsync(range, PlanRequest.Everything, ct);

        // The spec would get a digest that nobody has looked at.
        AlarmReport.Refuse(detection.AllAlarms, Fault.AlarmRaised, "The lock");
        var author = new Lazy<Task<SpecAuthor>>(() => new ChangelogAuthor(Workspace.Folder, Date) { Packager = Packager }.FindAsync(ct));
        var updates = ImmutableArray.CreateBuilder<UpdatedSpec>();
        foreach (var rpm in Workspace.Settings.Rpms.Where(rpm => names.IsEmpty ? !rpm.Follows.IsEmpty : names.Contains(rpm.Name, StringComparer.Ordinal)))
        {
            var folder = inputs.Specs.GetValueOrDefault(rpm.Name) ?? throw Planner.NoSpec(rpm);
            var request = SpecFollowing.RequestOf(rpm, folder, inputs)
                ?? throw new ReleaseException(Fault.Usage, $"{rpm.Name} follows no locked package, so nothing says what its spec should be.", rpm.Position)
                {
                    Remedy = "Add 'follows' to its [[rpm]], or edit the spec by hand.",
                };

            // Only who really gets an entry has to say who writes it.
            request = request with { Author = SpecUpdate.WantsEntry(request) ? await author.Value : null };
            var update = SpecUpdate.Make(request);
            var notes = update.Notes.ToList();
            var sources = await new SourcesRenewal(Sha512).FindAsync(folder, update, notes, ct);
            updates.Add(new(rpm, folder.Spec, update with { Notes = [.. notes] }) { Sources = sources });
        }

        return updates.ToImmutable();
    }

    /// <summary>Writes the edited specs in place; a spec without edits is not touched.</summary>
    public async Task WriteAsync(ImmutableArray<UpdatedSpec> updates, CancellationToken ct)
    {
        // The spec at last: it says which files the old lines were about, so a run that is killed in between can be repeated.
        foreach (var sources in updates.Select(each => each.Sources).OfType<SourcesEdit>())
        {
            await Durable.WriteAsync(Workspace.Resolve(sources.Path), sources.ToBytes(), ct);
        }

        FailPoint.At("spec.update");
        foreach (var each in updates.Where(each => !each.Update.Changes.IsEmpty))
        {
            await Durable.WriteAsync(Workspace.Resolve(each.Rpm.Spec), each.Update.Spec.ToBytes(), ct);
        }
    }
}

/// <summary>The edits of one spec.</summary>
/// <param name="Rpm">From the settings.</param>
/// <param name="Before">As it is on disk.</param>
/// <param name="Update">What it becomes.</param>
public sealed record UpdatedSpec(RpmSettings Rpm, SpecFile Before, SpecUpdate Update)
{
    /// <summary>The edit of the <c>sources</c> file beside it, or null.</summary>
    public SourcesEdit? Sources { get; init; }
}
