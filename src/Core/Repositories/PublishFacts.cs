using System.Globalization;
using DotnetRelease.Facts;

namespace DotnetRelease.Repositories;

/// <summary>Where a publication writes down what it did, when it is proven and before anything old is removed.</summary>
/// <param name="Ledger">The project's ledger.</param>
/// <param name="Repository">The settings' name of the repository.</param>
/// <param name="Target">The settings' name of the target.</param>
public sealed record PublishFacts(Ledger Ledger, string Repository, string Target)
{
    /// <summary>One fact for each package that the ledger does not know to be there yet; so a run that was killed before is made good by the next.</summary>
    internal async Task AppendAsync(PublishRequest request, ServedRepository now, IEnumerable<OfferedPackage> packages)
    {
        var known = Ledger.Facts.Where(fact => fact.Kind is FactKind.Published).Select(fact => (fact.Digest, fact.Where)).ToHashSet();
        foreach (var package in packages)
        {
            var file = package.Index.File;
            var where = new Uri(request.Place.BaseUrl, file.Location).AbsoluteUri;
            if (!known.Contains((file.Digest, where)))
            {
                // Not cancelled: it is served already.
                await Ledger.AppendAsync(
                    (Fact.Of(FactKind.Published, package.Index.Nevra, file.Digest) with { Target = Target, Where = where, Who = request.Key.Fingerprint })
                        .With(FactDetail.Repository, Repository)
                        .With(FactDetail.Revision, now.Metadata.Repomd.Revision.ToString(CultureInfo.InvariantCulture))
                        .With(FactDetail.Repomd, Digest.Of(now.Metadata.Bytes).Hex),
                    CancellationToken.None);
            }
        }
    }
}
