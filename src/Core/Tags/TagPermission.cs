using System.Collections.Immutable;

namespace DotnetRelease.Tags;

/// <summary>What the entry of a signer allows, held against what is asked; the refusals say who signed, what they may, and by which list.</summary>
internal sealed class TagPermission(TagSigner signer, MaintainerList list, TagQuestion question)
{
    private Maintainer Who => signer.Maintainer;

    /// <exception cref="ReleaseException"><see cref="Fault.TagNotPermitted"/>.</exception>
    internal void Demand(string package)
    {
        var asked = $"not \"{package}\" to {question.Channel}";
        if (!MayRelease(Who, package, question))
        {
            var missing = question.Kinds.Except(Who.Kinds).ToList();
            var kinds = missing.Count > 0 ? $" as {string.Join(" and ", missing.Select(Word))}" : "";
            throw Refuse($"who may release: {Allowed()}; {asked}{kinds}", package);
        }
    }

    /// <summary>
    /// The signer chooses what time a signature has, so being inside the time when signing is not enough: the decision has to be, too. A tag
    /// that was accepted in its time stays accepted.
    /// </summary>
    internal void DemandTime(bool isKnown)
    {
        var wrong = !Who.IsValidAt(signer.Made) ? signer.Made : !isKnown && !Who.IsValidAt(question.Now) ? question.Now : (DateTimeOffset?)null;
        if (wrong is { } moment)
        {
            var what = moment == signer.Made ? "the tag was signed on" : "today is";
            throw Refuse($"whose entry counts{Span()}; {what} {moment:yyyy-MM-dd}", null);
        }
    }

    private static bool MayRelease(Maintainer who, string package, TagQuestion question) =>
        who.Packages.Any(pattern => pattern.Matches(package)) && who.Channels.Contains(question.Channel, StringComparer.Ordinal) && question.Kinds.All(who.Kinds.Contains);

    private ReleaseException Refuse(string why, string? package)
    {
        var others = package is null ? [] : list.Maintainers.Where(each => MayRelease(each, package, question)).Select(each => each.Name).Distinct(StringComparer.Ordinal).ToImmutableArray();
        return new(Fault.TagNotPermitted, $"{question.Name.Ref} is signed by {signer}, {why}. {list.Source}")
        {
            Remedy = others.IsEmpty
                ? $"Change the entry of {Who.Name} in {MaintainerList.FileName} on the protected branch."
                : $"Who may: {string.Join(", ", others)}.",
        };
    }

    private string Allowed()
    {
        if (Who.Packages.IsEmpty)
        {
            return "nothing";
        }

        var channels = Who.Channels.IsEmpty ? "no channel" : string.Join(", ", Who.Channels);
        var kinds = Who.Kinds.Length is 2 ? "" : $" as {string.Join(", ", Who.Kinds.Select(Word))}";
        return $"{string.Join(", ", Who.Packages)} to {channels}{kinds}";
    }

    private string Span() =>
        (Who.ValidFrom is { } from ? $" from {from:yyyy-MM-dd}" : "") + (Who.ValidUntil is { } until ? $" until {until:yyyy-MM-dd}" : "");

    private static string Word(ReleaseKind kind) => kind is ReleaseKind.Source ? "source" : "binary";
}
