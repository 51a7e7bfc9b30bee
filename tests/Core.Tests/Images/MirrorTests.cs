using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Mirrors are asked first and trusted in nothing.</summary>
[TestClass]
public sealed class MirrorTests(TestContext test)
{
    private static readonly byte[][] Layers = [OciContent.Tar("a", "1"), OciContent.Tar("b", new string('x', 10_000))];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_real_mirror_gives_everything_but_the_meaning_of_the_tag()
    {
        using var scratch = new Scratch();
        await using var registry = Registry();
        await using var mirror = await RealRegistry.StartAsync(scratch, "", Ct);
        registry.Content.WriteLayout(scratch["layout"], Top(registry));
        var pushed = await Exec.RunAsync(
            new Command("skopeo", ["--insecure-policy", "--tmpdir", scratch.Folder("tmp"), "copy", "--dest-tls-verify=false", "--preserve-digests", $"oci:{scratch["layout"]}", $"docker://{mirror.Host}/proxy/some/thing:other"]).With("XDG_RUNTIME_DIR", scratch.Root), Ct);
        Assert.AreEqual(0, pushed.ExitCode, pushed.Error);

        var image = await Open(scratch, registry, $"{mirror.Host}/proxy").PullAsync($"{registry.Host}/some/thing:1", Ct);

        Assert.AreEqual(registry.Tags["1"], image.Digest);
        Assert.AreEqual($"{registry.Host}/some/thing:1", image.Reference);
        CollectionAssert.AreEqual(new[] { "HEAD /v2/some/thing/manifests/1" }, registry.Requests.ToArray());
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("404", false)]
    [DataRow("500", false)]
    [DataRow("401", false)]
    [DataRow("reset", false)]
    [DataRow("other manifest", true)]
    [DataRow("other layer", true)]
    [DataRow("short layer", false)]
    [DataRow("long layer", true)]
    public async Task A_mirror_that_fails_or_lies_is_named_once_and_passed_over(string how, bool isLie)
    {
        using var scratch = new Scratch();
        await using var registry = Registry();
        await using var mirror = Registry();
        await using var second = Registry();
        mirror.Misbehave = (request, answer) => MisbehaveAsync(how, request, answer);
        var said = new ListReporter();

        var image = await Open(scratch, registry, said, mirror.Host, second.Host).PullAsync($"{registry.Host}/a:1", Ct);

        CollectionAssert.AreEqual(Layers.Select(layer => Digest.Of(layer)).ToArray(), image.Layers.Select(layer => layer.DiffId).ToArray());
        Assert.HasCount(1, registry.Requests);
        var named = Assert.ContainsSingle((isLie ? said.Warnings : said.Lines).Where(line => line.Contains("is passed over", StringComparison.Ordinal)));
        Assert.StartsWith($"Mirror {mirror.Host} is passed over. ", named, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, second.Requests.Count);
        Assert.DoesNotContain(name => name.StartsWith('.'), Stores.CachedBlobs(scratch));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task When_every_mirror_fails_the_registry_gives_it_and_its_own_failure_is_the_one_that_counts()
    {
        using var scratch = new Scratch();
        await using var registry = Registry();

        var image = await Open(scratch, registry, "127.0.0.1:1", "localhost:2/x").PullAsync($"{registry.Host}/a:1", Ct);
        registry.Misbehave = (request, answer) => MisbehaveAsync("404", request, answer);
        var ex = await Open(scratch, registry, "127.0.0.1:1").RefusesAsync($"{registry.Host}/b@{Digest.Of("nothing")}", Ct);

        Assert.AreEqual(registry.Tags["1"], image.Digest);
        Assert.AreEqual(Fault.ImageNotFound, ex.Fault);
        Assert.Contains($"'{registry.Host}/b@", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task The_registrys_login_is_not_for_its_mirrors_and_the_other_way_round()
    {
        using var scratch = new Scratch();
        await using var registry = Registry();
        await using var mirror = Registry();
        mirror.Misbehave = async (request, answer) =>
        {
            if (request["Authorization"] is not null)
            {
                return false;
            }

            await answer.StatusAsync("401 Unauthorized", "WWW-Authenticate: Basic realm=\"m\"");
            return true;
        };
        var both = scratch.Write("auth.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"{{Auth("for-registry")}}"},"{{mirror.Host}}":{"auth":"{{Auth("for-mirror")}}"} } }""");
        var only = scratch.Write("only.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"{{Auth("for-registry")}}"} } }""");

        await Stores.Open(scratch, new RegistryLogins([both], CredentialHelper), Rules(registry, mirror.Host)).PullAsync($"{registry.Host}/a:1", Ct);
        var sent = mirror.RawRequests.Select(request => request["Authorization"]).OfType<string>().Distinct().Single();
        var before = mirror.RawRequests.Count;
        Directory.Delete(scratch["cache"], recursive: true);
        await Stores.Open(scratch, new RegistryLogins([only], CredentialHelper), Rules(registry, mirror.Host)).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual($"Basic {Auth("for-mirror")}", sent);
        Assert.IsTrue(mirror.RawRequests.Skip(before).All(request => request["Authorization"] is null));
        Assert.IsTrue(registry.RawRequests.All(request => request["Authorization"] is null));
    }

    private static Task<ReadOnlyMemory<byte>> CredentialHelper(string helper, string server, CancellationToken ct) => throw new InvalidOperationException("no helper");

    private static string Auth(string user) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:password-of-mirror-tests"));

    private static FakeRegistry Registry()
    {
        var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(Layers));
        return registry;
    }

    /// <summary>The entry of a layout for the image that the registry has.</summary>
    private static string Top(FakeRegistry registry) =>
        OciContent.Descriptor(OciContent.ManifestType, registry.Tags["1"], registry.Content.Blobs[registry.Tags["1"].ToString()].Bytes.Length);

    private static RegistryRules Rules(FakeRegistry registry, params string[] mirrors) =>
        RegistryRules.None with { Mirrors = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(registry.Host, [.. mirrors]) };

    private static ImageStore Open(Scratch scratch, FakeRegistry registry, params string[] mirrors) =>
        Stores.Open(scratch, RegistryLogins.None, Rules(registry, mirrors));

    private static ImageStore Open(Scratch scratch, FakeRegistry registry, ListReporter said, params string[] mirrors) =>
        Stores.Open(scratch, RegistryLogins.None, Rules(registry, mirrors), said);

    private static async Task<bool> MisbehaveAsync(string how, RawRequest request, RawAnswer answer)
    {
        var isLayer = request.Target.Contains("/blobs/", StringComparison.Ordinal);
        switch (how)
        {
            case "404":
                await answer.StatusAsync("404 Not Found");
                return true;
            case "500":
                await answer.StatusAsync("500 Internal Server Error");
                return true;
            case "401":
                await answer.StatusAsync("401 Unauthorized", "WWW-Authenticate: Basic realm=\"m\"");
                return true;
            case "reset":
                answer.Reset();
                return true;
            case "other manifest" when !isLayer:
                await answer.OkAsync("{}"u8.ToArray());
                return true;
            case "other layer" when isLayer:
                await answer.TextAsync("HTTP/1.1 200 OK\nConnection: close\n\nother bytes");
                return true;
            case "short layer" when isLayer:
                await answer.TextAsync("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nmore\n");
                return true;
            case "long layer" when isLayer:
                await answer.OkAsync(new byte[100_000]);
                return true;
            default:
                return false;
        }
    }
}
