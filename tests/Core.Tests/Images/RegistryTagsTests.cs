using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Who names a tag that is not there is told what there is, page by page, and led nowhere else.</summary>
[TestClass]
public sealed class RegistryTagsTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task The_tags_of_all_pages_are_known_and_the_nearest_is_proposed()
    {
        using var scratch = new Scratch();
        await using var registry = Paged("""</v2/a/tags/list?n=2&last=42>; rel="next" """, ["41", "42"], ["43", "rawhide"]);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:rawhid", Ct);

        Assert.AreEqual((Fault.ImageNotFound, ExitCode.Remote), (ex.Fault, ex.Fault.Exit));
        Assert.Contains("MANIFEST_UNKNOWN). Did you mean 'rawhide'? Its tags: 41, 42, 43, rawhide.", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("<http://127.0.0.2:1/v2/a/tags/list?last=x>; rel=\"next\"")]
    [DataRow("<http://user@HOST/v2/a/tags/list?last=x>; rel=\"next\"")]
    [DataRow("</v2/other/tags/list?last=x>; rel=\"next\"")]
    [DataRow("<//evil.example/v2/a/tags/list>; rel=\"next\"")]
    [DataRow("<file:///etc/passwd>; rel=\"next\"")]
    [DataRow("<?x=1>; rel=\"prev\"")]
    [DataRow("> <; rel=next")]
    public async Task A_next_page_of_another_host_or_list_is_not_asked_for(string link)
    {
        using var scratch = new Scratch();
        await using var registry = Paged("LINK", ["41"], ["42"]);
        registry.Link = link.Replace("HOST", registry.Host, StringComparison.Ordinal);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:40", Ct);

        Assert.Contains("Its tags: 41.", ex.Message, StringComparison.Ordinal);
        Assert.HasCount(1, registry.Requests.Where(request => request.Contains("/tags/list", StringComparison.Ordinal)));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_page_that_leads_to_itself_ends_and_so_does_a_list_without_end()
    {
        using var scratch = new Scratch();
        await using var circle = Paged("</v2/a/tags/list>; rel=next", ["41"]);
        await using var endless = Paged("</v2/a/tags/list?last=more>; rel=next");

        await Stores.Open(scratch).RefusesAsync($"{circle.Host}/a:40", Ct);
        var ex = await Stores.Open(scratch).RefusesAsync($"{endless.Host}/a:40", Ct);

        Assert.HasCount(2, circle.Requests.Where(request => request.Contains("/tags/list", StringComparison.Ordinal)));
        Assert.HasCount(20, endless.Requests.Where(request => request.Contains("/tags/list", StringComparison.Ordinal)));
        Assert.Contains("Its tags: t0, ", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_list_that_cannot_be_read_hides_nothing_of_the_first_answer()
    {
        using var scratch = new Scratch();
        await using var silent = new FakeRegistry();
        await using var odd = new FakeRegistry { Misbehave = async (request, answer) => await Lists(request, () => answer.OkAsync("{\"tags\":[7]}"u8.ToArray())) };
        await using var rude = new FakeRegistry { Misbehave = async (request, answer) => await Lists(request, () => answer.OkAsync("{\"tags\":[\"\\u001b[31m\",\"ok\"]}"u8.ToArray())) };

        Assert.DoesNotContain("Its tags", (await Stores.Open(scratch).RefusesAsync($"{silent.Host}/a:40", Ct)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Its tags", (await Stores.Open(scratch).RefusesAsync($"{odd.Host}/a:40", Ct)).Message, StringComparison.Ordinal);
        Assert.Contains("Its tags: ok.", (await Stores.Open(scratch).RefusesAsync($"{rude.Host}/a:40", Ct)).Message, StringComparison.Ordinal);
    }

    private static async Task<bool> Lists(RawRequest request, Func<Task> answer)
    {
        if (!request.Target.Contains("/tags/list", StringComparison.Ordinal))
        {
            return false;
        }

        await answer();
        return true;
    }

    private static PagedRegistry Paged(string link, params string[][] pages) => new(pages) { Link = link };

    private sealed class PagedRegistry : IAsyncDisposable
    {
        private readonly FakeRegistry _registry;
        private int _page;

        internal PagedRegistry(string[][] pages) => _registry = new FakeRegistry
        {
            Misbehave = (request, answer) => Lists(request, () =>
            {
                var page = _page++;
                var tags = pages.Length is 0 ? [$"t{page}"] : pages[Math.Min(page, pages.Length - 1)];
                var more = pages.Length < 2 || page < pages.Length - 1;
                var body = System.Text.Encoding.UTF8.GetBytes($$"""{"name":"a","tags":[{{string.Join(',', tags.Select(tag => $"\"{tag}\""))}}]}""");
                return answer.OkAsync(body, more ? $"Link: {Link.Trim()}" : "");
            }),
        };

        internal string Link { get; set; } = "";

        internal string Host => _registry.Host;

        internal IReadOnlyList<string> Requests => _registry.Requests;

        public ValueTask DisposeAsync() => _registry.DisposeAsync();
    }
}
