using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>
/// Decides whether a tag may be released. A signature proves who made some bytes; everything else that a release needs to be true is
/// bound to these bytes here: the name, the commit, the version, the package, the channel and the time.
/// </summary>
public static class TagGate
{
    /// <summary>Two machines' clocks may differ by this much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Holds the tag against the question as far as that needs no signature. A forged tag is refused before any program runs on it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagRenamed"/>, <see cref="Fault.TagTargetWrong"/> or <see cref="Fault.TagNotSigned"/>.</exception>
    public static void Bind(TagObject tag, TagQuestion question)
    {
        ArgumentNullException.ThrowIfNull(tag);
        ArgumentNullException.ThrowIfNull(question);
        if (!string.Equals(tag.Name, question.Name.Text, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.TagRenamed, $"{question.Name.Ref} points to a tag object named \"{tag.Name}\" ({tag.Id}).");
        }

        if (tag.TargetType is not "commit")
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"{question.Name.Ref} ({tag.Id}) tags the {tag.TargetType} {tag.Target} and not a commit.")
            {
                Remedy = tag.TargetType is "tag" ? "Nested tags are refused: tag the commit itself." : "Tag a commit.",
            };
        }

        if (question.Commit is { } built && !string.Equals(tag.Target, built, StringComparison.Ordinal))
        {
            throw new ReleaseException(Fault.TagTargetWrong, $"{question.Name.Ref} ({tag.Id}) tags commit {tag.Target}, and what is to be built is {built}.")
            {
                Remedy = $"Build what was tagged: git checkout --detach {question.Name.Ref}",
            };
        }

        if (tag.Signature is null)
        {
            throw new ReleaseException(Fault.TagNotSigned, $"{question.Name.Ref} ({tag.Id}) is not signed.");
        }
    }

    /// <summary>Decides on a tag that is bound and whose signer is known.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TagNotPermitted"/>, <see cref="Fault.TagSignatureBad"/>, <see cref="Fault.TagVersionDiffers"/>, <see cref="Fault.TagVersionOld"/> or
    /// <see cref="Fault.TagReplaced"/>.
    /// </exception>
    public static TagVerdict Judge(TagObject tag, TagSigner signer, MaintainerList list, TagQuestion question)
    {
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(list);
        Bind(tag, question);
        var (version, package) = ReadName(question);
        Permit(signer, list, question, package);
        if (signer.Made > question.Now + ClockSkew)
        {
            throw new ReleaseException(Fault.TagSignatureBad, $"{question.Name.Ref} is signed by {signer} in the future, {signer.Made:yyyy-MM-dd HH:mm}Z.")
            {
                Remedy = "Set the clock that is wrong, and tag again.",
            };
        }

        new TagPermission(signer, list, question).DemandTime(isKnown: question.Accepted.Contains(tag.Id, StringComparer.Ordinal));
        RefuseOtherVersions(question, version);
        RefuseOldVersion(question, tag, version);
        return new(tag, signer, package, version)
        {
            Channel = question.Channel,
            Kinds = question.Kinds,
            ListCommit = list.Commit,
            Claims = question.Claims,
            ConfinedTo = signer.Maintainer.ConfinedTo,
        };
    }

    /// <summary>Whether the signer may release the package at all, before anything is read of the tagged commit.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagNotPermitted"/>.</exception>
    public static void Permit(TagSigner signer, MaintainerList list, TagQuestion question, string package) =>
        new TagPermission(signer, list, question).Demand(package);

    /// <summary>Version and package that a tag's name stands for.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TagVersionDiffers"/>: the name has another form, or is for another package.</exception>
    public static (string Version, string Package) ReadName(TagQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var read = question.Pattern.Read(question.Name.Text)
            ?? throw new ReleaseException(Fault.TagVersionDiffers, $"The name of {question.Name.Ref} does not have the form of this project's tags, {question.Pattern}.")
            {
                Remedy = "Tag under a name of that form, or change 'tag-pattern' in [project].",
            };
        return read.Package is { } named && question.Package is { } asked && !string.Equals(named, asked, StringComparison.Ordinal)
            ? throw new ReleaseException(Fault.TagVersionDiffers, $"{question.Name.Ref} is a tag for \"{named}\" and not for \"{asked}\".") { Remedy = $"Ask for what it is: --for {named}" }
            : (read.Version, question.Package ?? read.Package ?? question.Project);
    }

    /// <summary>For the end of a message: whose signatures count.</summary>
    internal static string Listed(MaintainerList list) => $"Listed are: {string.Join(", ", list.Maintainers)}.";

    private static void RefuseOtherVersions(TagQuestion question, string version)
    {
        if (question.Claims.FirstOrDefault(claim => !TagVersion.AreEqual(claim.Version, version)) is { } other)
        {
            throw new ReleaseException(
                Fault.TagVersionDiffers, $"{question.Name.Ref} is for version {version}, and this file of the tagged commit has {other.Version}.", other.Position)
            {
                Remedy = "Bring the file in line, commit, and tag that commit.",
            };
        }
    }

    private static void RefuseOldVersion(TagQuestion question, TagObject tag, string version)
    {
        // By far the most often there is none, or one that is older.
        if (question.Past.FirstOrDefault(past => TagVersion.Compare(past.Version, version) > 0) is { } newer)
        {
            var highest = question.Past.Aggregate(newer, (best, past) => TagVersion.Compare(past.Version, best.Version) > 0 ? past : best);
            throw new ReleaseException(Fault.TagVersionOld, $"{question.Name.Ref} is for version {version}, which is older than {highest.Version} ({highest.Where}).");
        }

        var same = question.Past.Where(past => TagVersion.AreEqual(past.Version, version) && past.TagId is not null).ToImmutableArray();
        if (!same.IsEmpty && same.All(past => !string.Equals(past.TagId, tag.Id, StringComparison.Ordinal)))
        {
            throw new ReleaseException(Fault.TagReplaced, $"{question.Name.Ref} is now the tag object {tag.Id}; version {version} was released from {same[0].TagId} ({same[0].Where}).");
        }
    }
}
