using DotnetRelease.Repositories;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class RepositoryPlaceTests
{
    [TestMethod]
    [DataRow("{project}/{target}", null, "/srv/repo/demo/fedora-43", "file:///srv/repo/demo/fedora-43/")]
    [DataRow("{target}/{arch}/", "https://packages.example.org/qa", "/srv/repo/fedora-43/x86_64", "https://packages.example.org/qa/fedora-43/x86_64/")]
    [DataRow("", "https://packages.example.org/", "/srv/repo", "https://packages.example.org/")]
    public void The_layout_says_where_we_write_and_where_clients_read(string layout, string? baseUrl, string folder, string url)
    {
        var place = RepositoryPlace.Of(new RepositoryAddress("qa", "/srv/repo/", layout, baseUrl), "demo", "fedora-43", "x86_64");

        Assert.AreEqual(folder, place.Store.ToString().TrimEnd('/'));
        Assert.AreEqual(url, place.BaseUrl.AbsoluteUri);
        Assert.AreEqual("demo-qa.repo", place.RepoName);
    }

    [TestMethod]
    [DataRow("../{target}")]
    [DataRow("{project}/{distro}")]
    [DataRow("a//b")]
    [DataRow("%2e%2e")]
    public void A_layout_that_is_no_plain_path_is_refused(string layout)
    {
        var thrown = Assert.ThrowsExactly<ReleaseException>(() => RepositoryPlace.Of(new RepositoryAddress("qa", "/srv/repo", layout, null), "demo", "fedora-43", "x86_64"));

        Assert.AreEqual(Fault.SettingsInvalid, thrown.Fault);
    }

    [TestMethod]
    public void A_base_url_that_is_none_is_refused() =>
        Assert.ThrowsExactly<ReleaseException>(() => RepositoryPlace.Of(new RepositoryAddress("qa", "/srv/repo", "{target}", "packages"), "demo", "fedora-43", "x86_64"));
}
