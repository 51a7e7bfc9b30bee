using System.Collections.Immutable;
using DotnetRelease.Planning;
using DotnetRelease.Sources;
using DotnetRelease.Specs;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>
/// Writes down the digests of sources that the settings say how to make and whom to believe, once: what has a line already has to have the same
/// digest still. This is the one place where a digest comes from the bytes, so it happens only when somebody asks for it.
/// </summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">Its cache gets what was made.</param>
/// <param name="reporter">Hears what was made.</param>
public sealed class SourceRecordRun(Workspace workspace, Machine machine, IReporter reporter)
{
    /// <summary>The sources of RPMs that rules are about, by RPM. Nothing is asked or made.</summary>
    /// <param name="names">RPMs of the settings; none: all.</param>
    /// <param name="ct">Ends reading.</param>
    public async Task<ImmutableArray<RuledSource>> FindAsync(ImmutableArray<string> names, CancellationToken ct)
    {
        Planner.RefuseUnknownRpms(names, workspace.Settings);
        var found = ImmutableArray.CreateBuilder<RuledSource>();
        foreach (var rpm in workspace.Settings.Rpms.Where(rpm => names.IsEmpty ? !rpm.Sources.IsEmpty : names.Contains(rpm.Name, StringComparer.Ordinal)))
        {
            var folder = await workspace.ReadSpecAsync(rpm, machine.Cache.Known, ct) ?? throw Planner.NoSpec(rpm);
            found.AddRange(
                from tag in folder.Spec.Read(SpecFacts.None).Sources.Where(tag => tag.IsComplete).DistinctBy(tag => tag.FileName, StringComparer.Ordinal)
                let rule = rpm.RuleOf(tag.FileName)
                where rule is not null
                select new RuledSource(rpm, folder, tag.FileName, rule) { SpecUrl = tag.IsUrl ? tag.Value : null });
        }

        return found.ToImmutable();
    }

    /// <summary>Makes the sources and finds the lines that have to be written.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.SourceMismatch"/> when a line has another digest than its source has now, and what making them throws.</exception>
    public async Task<ImmutableArray<SourcesEdit>> MakeAsync(ImmutableArray<RuledSource> sources, CancellationToken ct)
    {
        var edits = ImmutableArray.CreateBuilder<SourcesEdit>();
        var maker = new GitSources(workspace, machine, reporter) { Pins = true };
        foreach (var folder in sources.GroupBy(source => source.NewEdit().Path, StringComparer.Ordinal).Select(group => group.ToList()))
        {
            var edit = folder[0].NewEdit();
            foreach (var source in folder)
            {
                await (source.Rule.Git is null
                    ? machine.Signed(workspace).ReceiveAsync(source, async made => edit = await AddAsync(edit, source, made, ct), ct)
                    : maker.MakeAloneAsync(source.Rule, source.File, async made => edit = await AddAsync(edit, source, made, ct), ct));
            }

            if (edit.IsChange)
            {
                edits.Add(edit);
            }
        }

        return edits.ToImmutable();
    }

    /// <summary>Writes the files.</summary>
    public async Task WriteAsync(ImmutableArray<SourcesEdit> edits, CancellationToken ct)
    {
        foreach (var edit in edits)
        {
            await Durable.WriteAsync(workspace.Resolve(edit.Path), edit.ToBytes(), ct);
        }
    }

    private async Task<SourcesEdit> AddAsync(SourcesEdit edit, RuledSource source, MadeSource made, CancellationToken ct)
    {
        var written = source.Folder.Sources?.Find(source.File);
        var isLong = written is null ? edit.IsLong : written.Digest.Algorithm is "sha512";
        var digest = isLong ? await Digest.Sha512OfFileAsync(made.Path, ct) : await Digest.OfFileAsync(made.Path, ct);
        if (written is not null && written.Digest != digest)
        {
            throw new ReleaseException(
                Fault.SourceMismatch, $"{source.File} has {written.Digest} here, and {made.From} gives {digest} now.", written.Position)
            {
                Remedy = source.Rule.Git?.Sdist is { } sdist
                    ? $"{MadeSource.WhatDiffers(sdist)} When it is in order, take the line out and run this again."
                    : "Find out who moved the tag or replaced the file. When it is in order, take the line out and run this again.",
            };
        }

        await using var bytes = File.OpenRead(made.Path);
        await machine.Cache.TakeInAsync(new Expected(digest), bytes, ct);
        reporter.Info($"{source.File}: from {made.From} with {digest}");

        // The line of the version before, when nothing in the spec names that any more.
        var before = edit.Before?.Lines.FirstOrDefault(line => line.File != source.File && source.Rule.VersionIn(line.File) is not null);
        return edit.With(source.File, digest, before?.File);
    }
}

/// <summary>A source of a spec that a rule is about.</summary>
/// <param name="Rpm">The RPM.</param>
/// <param name="Folder">Its spec and <c>sources</c>.</param>
/// <param name="File">Name of the file.</param>
/// <param name="Rule">How it is made.</param>
public sealed record RuledSource(RpmSettings Rpm, SpecFolder Folder, string File, SourceRule Rule)
{
    /// <summary>The URL that the spec names, or null.</summary>
    public string? SpecUrl { get; init; }

    /// <summary>How plans name where it is from.</summary>
    public string Url => Rule.Git?.UrlOf(Rule.VersionIn(File)!) ?? SpecUrl ?? VerifiedSource.BesideTheSpec;

    /// <summary>The same with what makes it of that.</summary>
    public string From => Rule.Git?.Sdist is { } sdist ? $"{Url}, by {sdist.Of(Rule.VersionIn(File)!)}" : Url;

    /// <summary>Whether its digest is written down.</summary>
    public bool IsRecorded => Folder.Sources?.Find(File) is not null;

    internal SourcesEdit NewEdit() => new(Folder.Sources, Folder.Sources?.Path ?? Path.Combine(Path.GetDirectoryName(Rpm.Spec) ?? "", SourcesFile.FileName));
}
