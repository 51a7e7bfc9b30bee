using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Rpm;

namespace DotnetRelease.Repositories;

/// <summary>
/// The package that makes a repository known to a client, and its keys with it: installed once, it brings each later key along as an
/// update that the earlier one signed.
/// </summary>
/// <param name="Name">Of the package.</param>
/// <param name="Project">Of the project, as people read it.</param>
/// <param name="Place">The repository.</param>
/// <param name="Keys">Every key that clients are to know.</param>
public sealed record ReleasePackage(string Name, string Project, RepositoryPlace Place, ImmutableArray<PublicKey> Keys)
{
    private const string KeyFolder = "/etc/pki/rpm-gpg/";
    private const string RepoFolder = "/etc/yum.repos.d/";
    private const int NameLength = 16;

    /// <summary>Everything that is in it; the same for the same keys, version and time.</summary>
    public RpmDraft ToDraft(string version, DateTimeOffset made)
    {
        var keys = Keys.DistinctBy(key => key.Fingerprint, StringComparer.Ordinal).ToList();
        var repo = Place.ToRepoFile(Project, keys.Select(key => "file://" + PathOf(key)));
        return new RpmDraft(new Nevra(Name, 0, version, "1", "noarch"), $"Repository and keys of {Project}", "MIT", made)
        {
            Description = $"Tells dnf where the packages of {Project} are, and which keys sign them.",
            Vendor = Project,
            Url = Place.BaseUrl.AbsoluteUri,
            Files = [new RpmDraftFile(RepoFolder + Place.RepoName, Encoding.UTF8.GetBytes(repo), IsConfig: true), .. keys.Select(key => new RpmDraftFile(PathOf(key), key.Armored))],
        };
    }

    /// <summary>A file for each key, so that a key that goes takes only its own file along.</summary>
    private string PathOf(PublicKey key) => $"{KeyFolder}{Place.KeyName}-{key.Fingerprint[^NameLength..].ToLowerInvariant()}";
}
