using System.Text;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Images;

[TestClass]
public sealed class RegistryTokenTests(TestContext test)
{
    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("""{"token":"good"}""")]
    [DataRow("""{"access_token":"good","expires_in":0,"issued_at":"yesterday"}""")]
    [DataRow("""{"token":"","access_token":"good"}""")]
    [DataRow("""{"token":"good","access_token":"good","expires_in":60,"refresh_token":"x"}""")]
    public async Task A_token_is_asked_for_once_and_used_for_everything_after(string answer)
    {
        using var scratch = new Scratch();
        await using var registry = Guarded($"Bearer realm=\"{{0}}token\",service=\"re gistry\",scope=\"repository:a/b:pull\"", answer);

        await Stores.Open(scratch).PullAsync($"{registry.Host}/a/b:1", Ct);

        Assert.AreEqual("GET /token?scope=repository%3Aa%2Fb%3Apull&service=re%20gistry", registry.Requests.Single(request => request.Contains("/token", StringComparison.Ordinal)));
        Assert.AreEqual(1, registry.RawRequests.Count(request => request["Authorization"] is null && !request.Target.StartsWith("/token", StringComparison.Ordinal)));
        Assert.IsTrue(registry.RawRequests.All(request => request["Authorization"] is null or "Bearer good"));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task Several_schemes_and_a_realm_with_a_query_are_understood()
    {
        using var scratch = new Scratch();
        await using var registry = Guarded("Negotiate\nWWW-Authenticate: Basic realm=\"x\", bearer Realm={0}token?account=me", """{"token":"good"}""");

        await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.Contains("GET /token?account=me&scope=repository%3Aa%3Apull", registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_token_that_ends_in_the_middle_of_a_pull_is_renewed_once()
    {
        using var scratch = new Scratch();
        var given = 0;
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(Enumerable.Range(0, 6).Select(at => OciContent.Tar("a", $"{at}")).ToArray()));
        registry.Misbehave = async (request, answer) =>
        {
            if (request.Target.StartsWith("/token", StringComparison.Ordinal))
            {
                await answer.OkAsync(Encoding.UTF8.GetBytes($$"""{"token":"t{{Interlocked.Increment(ref given)}}"}"""));
                return true;
            }

            // The first token is for manifests, the second for blobs.
            var wanted = request.Target.Contains("/blobs/", StringComparison.Ordinal) ? "Bearer t2" : "Bearer t1";
            if (request["Authorization"] == wanted)
            {
                return false;
            }

            await answer.StatusAsync("401 Unauthorized", $"WWW-Authenticate: Bearer realm=\"{registry.Url}token\"");
            return true;
        };

        var image = await Stores.Open(scratch).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.HasCount(6, image.Layers);
        Assert.AreEqual(2, given);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_registry_that_is_never_content_is_asked_twice_and_then_given_up()
    {
        using var scratch = new Scratch();
        await using var registry = Guarded("Bearer realm=\"{0}token\"", """{"token":"n0body-wants-it"}""");

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual((Fault.RemoteUnauthorized, ExitCode.Remote), (ex.Fault, ex.Fault.Exit));
        Assert.Contains("does not exist or needs a login", ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("n0body-wants-it", ex.ToDiagnostic("x"), StringComparison.Ordinal);
        CollectionAssert.AreEqual(new[] { "HEAD /v2/a/manifests/1", "GET /token?scope=repository%3Aa%3Apull", "HEAD /v2/a/manifests/1" }, registry.Requests.ToArray());
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("Bearer realm=\"http://auth.example/token\"", "no https URL")]
    [DataRow("Bearer realm=\"file:///etc/passwd\"", "no https URL")]
    [DataRow("Bearer realm=\"/token\"", "no https URL")]
    [DataRow("Bearer realm=\"https://user:secret@127.0.0.1/token\"", "user name")]
    [DataRow("Bearer realm=\"\"", "no https URL")]
    [DataRow("Bearer service=\"x\"", "asks for a login (bearer)")]
    [DataRow("Basic realm=\"x\"", "asks for a login (basic)")]
    [DataRow("", "asks for a login (nothing)")]
    public async Task A_realm_that_is_no_safe_place_is_not_asked(string challenge, string words)
    {
        using var scratch = new Scratch();
        await using var registry = Guarded(challenge, """{"token":"good"}""");

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.RemoteUnauthorized, ex.Fault);
        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
        Assert.Contains("skopeo copy docker://", ex.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", ex.ToDiagnostic("x"), StringComparison.Ordinal);
        Assert.HasCount(1, registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("""{}""")]
    [DataRow("""[]""")]
    [DataRow("""{"token":7}""")]
    [DataRow("""{"token":"a","token":"b"}""")]
    [DataRow("""{"token":"a\r\nX-Evil: 1"}""")]
    [DataRow("""{"token":"\ud800"}""")]
    [DataRow("""<html>""")]
    public async Task What_is_no_token_document_is_refused(string answer)
    {
        using var scratch = new Scratch();
        await using var registry = Guarded("Bearer realm=\"{0}token\"", answer);

        var ex = await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.IsTrue(ex.Fault == Fault.ImageMalformed || ex.Fault == Fault.RemoteUnauthorized, ex.Message);
        Assert.HasCount(2, registry.Requests);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_token_document_of_two_megabytes_is_not_read()
    {
        using var scratch = new Scratch();
        await using var registry = Guarded("Bearer realm=\"{0}token\"", $$"""{"token":"{{new string('a', 2 * 1024 * 1024)}}"}""");

        Assert.AreEqual(ExitCode.Refused, (await Stores.Open(scratch).RefusesAsync($"{registry.Host}/a:1", Ct)).Fault.Exit);
    }

    private static FakeRegistry Guarded(string challenge, string answer)
    {
        var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1"), OciContent.Tar("b", "2")));
        registry.Misbehave = async (request, reply) =>
        {
            if (request.Target.StartsWith("/token", StringComparison.Ordinal))
            {
                await reply.OkAsync(Encoding.UTF8.GetBytes(answer));
                return true;
            }

            if (request["Authorization"] is "Bearer good")
            {
                return false;
            }

            var header = challenge.Replace("{0}", registry.Url.AbsoluteUri, StringComparison.Ordinal);
            await reply.StatusAsync("401 Unauthorized", header.Length is 0 ? "" : $"WWW-Authenticate: {header}");
            return true;
        };
        return registry;
    }
}
