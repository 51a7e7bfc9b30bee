using System.Collections.Concurrent;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;
using DotnetRelease.Processes;
using DotnetRelease.Runs;

namespace DotnetRelease.Core.Tests.Images;

/// <summary>Realms and redirects of the registry cases: the login goes to its registry and to nobody else.</summary>
[TestClass]
public sealed class RegistryLoginTests(TestContext test)
{
    private const string User = "some-user";
    private const string Password = "s3cret-of-test";

    // crypt(3) of the password, as htpasswd -B writes it.
    private const string Hashed = User + ":$2y$04$abcdefghijklmnopqrstuuVlAu5/gqQF6zqRQgSmmYVks8uGasGwS\n";

    private static readonly string Encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_login_that_skopeo_wrote_opens_a_registry_with_passwords()
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, $"  htpasswd: {{realm: here, path: {scratch.Write("htpasswd", Hashed)}}}", Ct);
        var content = new OciContent();
        content.WriteLayout(scratch["layout"], content.AddImage(OciContent.Tagged("t"), Platform.Current.Architecture, OciContent.Tar("a", "1")));
        await SkopeoAsync(scratch, "login", "--tls-verify=false", "--username", User, "--password", Password, registry.Host);
        await SkopeoAsync(scratch, "copy", "--dest-tls-verify=false", $"oci:{scratch["layout"]}:t", $"docker://{registry.Host}/some/thing:1");

        var image = await Stores.Open(scratch, Logins(scratch["auth.json"])).PullAsync($"{registry.Host}/some/thing:1", Ct);

        Assert.HasCount(1, image.Layers);
        Assert.AreEqual("*** ***", Redactor.Shared.Hide($"{Password} {Encoded}"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_wrong_password_is_refused_with_the_file_and_without_the_password()
    {
        using var scratch = new Scratch();
        await using var registry = await RealRegistry.StartAsync(scratch, $"  htpasswd: {{realm: here, path: {scratch.Write("htpasswd", Hashed)}}}", Ct);
        var file = AuthFile(scratch, registry.Host, $"{User}:wrong-password-of-test");

        var ex = await Stores.Open(scratch, Logins(file)).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(Fault.RemoteUnauthorized, ex.Fault);
        Assert.Contains($"the login of '{file}' was used", ex.Message, StringComparison.Ordinal);
        Assert.Contains($"podman login {registry.Host}", ex.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", ex.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task The_token_server_at_the_registry_gets_the_login_and_the_registry_only_the_token()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        Guard(registry, registry.Url, (request, _) => request["Authorization"] == $"Basic {Encoded}");

        await Stores.Open(scratch, Logins(AuthFile(scratch, registry.Host))).PullAsync($"{registry.Host}/a:1", Ct);

        var withLogin = registry.RawRequests.Where(request => request["Authorization"]?.StartsWith("Basic", StringComparison.Ordinal) is true).ToList();
        Assert.StartsWith("/token?", withLogin.Single().Target, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task An_identity_token_goes_in_the_body_of_a_POST()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var file = scratch.Write("auth.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"","identitytoken":"identity+token/of=test"} } }""");
        var bodies = new ConcurrentQueue<string>();
        Guard(registry, registry.Url, (_, body) =>
        {
            bodies.Enqueue(body);
            return true;
        });

        await Stores.Open(scratch, Logins(file)).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(
            "grant_type=refresh_token&client_id=dotnet-release&scope=repository%3Aa%3Apull&service=s&refresh_token=identity%2Btoken%2Fof%3Dtest", bodies.Single());
        Assert.AreEqual("POST /token", registry.Requests.Single(request => request.Contains("/token", StringComparison.Ordinal)));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("400 Bad Request", true)]
    [DataRow("401 Unauthorized", true)]
    [DataRow("400 Bad Request", false)]
    public async Task An_identity_token_that_ended_is_a_refusal_and_a_bad_request_without_one_is_not(string status, bool hasLogin)
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var file = scratch.Write("auth.json", $$"""{"auths":{"{{(hasLogin ? registry.Host : "r.example")}}":{"identitytoken":"ended-token-of-test"} } }""");
        registry.Misbehave = async (request, answer) =>
        {
            var isToken = request.Target.StartsWith("/token", StringComparison.Ordinal);
            await (isToken ? answer.StatusAsync(status) : answer.StatusAsync("401 Unauthorized", $"WWW-Authenticate: Bearer realm=\"{registry.Url}token\""));
            return true;
        };

        var ex = await Stores.Open(scratch, Logins(file)).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.AreEqual(hasLogin ? Fault.RemoteUnauthorized : Fault.RemoteFailed, ex.Fault, ex.Message);
        Assert.AreEqual(hasLogin, ex.Message.Contains($"the login of '{file}' was used", StringComparison.Ordinal), ex.Message);
        Assert.DoesNotContain("ended-token", ex.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_token_server_of_somebody_else_is_asked_without_the_login()
    {
        using var scratch = new Scratch();
        await using var other = new FakeRegistry();
        other.Misbehave = async (_, answer) =>
        {
            await answer.OkAsync("""{"token":"anonymous"}"""u8.ToArray());
            return true;
        };
        await using var registry = new FakeRegistry();
        Guard(registry, other.Url, (_, _) => true);

        var ex = await Stores.Open(scratch, Logins(AuthFile(scratch, registry.Host))).RefusesAsync($"{registry.Host}/a:1", Ct);

        Assert.IsTrue(other.RawRequests.All(request => request["Authorization"] is null));
        Assert.Contains($"was not sent to the token server '{other.Host}'", ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, ex.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("/blobs/")]
    [DataRow("/manifests/")]
    [DataRow("/token")]
    public async Task No_redirect_takes_the_login_to_another_place(string moved)
    {
        using var scratch = new Scratch();
        await using var storage = new FakeRegistry();
        await using var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        storage.Misbehave = async (request, answer) =>
        {
            if (!request.Target.Contains("/token", StringComparison.Ordinal))
            {
                return false;
            }

            await answer.OkAsync("""{"token":"good"}"""u8.ToArray());
            return true;
        };
        storage.Tag("1", storage.Content.AddImage(OciContent.Tar("a", "1")));
        registry.Misbehave = async (request, answer) =>
        {
            if (request["Authorization"] is not { } authorization)
            {
                await answer.StatusAsync("401 Unauthorized", $"WWW-Authenticate: {(moved is "/token" ? $"Bearer realm=\"{registry.Url}token\"" : "Basic realm=\"x\"")}");
            }
            else if (request.Target.Contains(moved, StringComparison.Ordinal))
            {
                await answer.RedirectAsync($"{storage.Url}{request.Target[1..]}", "307 Temporary Redirect");
            }
            else
            {
                Assert.AreEqual(moved is "/token" ? "Bearer good" : $"Basic {Encoded}", authorization);
                return false;
            }

            return true;
        };

        await Stores.Open(scratch, Logins(AuthFile(scratch, registry.Host))).PullAsync($"{registry.Host}/a:1", Ct);

        Assert.IsNotEmpty(storage.RawRequests);
        Assert.IsTrue(storage.RawRequests.All(request => request["Authorization"] is null));
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    [DataRow("""{"auths":{"r.example/a/b":{"auth":"@b"},"r.example/a":{"auth":"@a"},"r.example":{"auth":"@host"}}}""", "r.example/a/b/c", "b")]
    [DataRow("""{"auths":{"r.example/a":{"auth":"@a"},"r.example":{"auth":"@host"}}}""", "r.example/ab", "host")]
    [DataRow("""{"auths":{"https://r.example/v1/":{"auth":"@old"}}}""", "r.example/a", "old")]
    [DataRow("""{"auths":{"r.example.evil.example":{"auth":"@evil"},"example":{"auth":"@evil"}}}""", "r.example/a", null)]
    [DataRow("""{"auths":{"https://index.docker.io/v1/":{"auth":"@hub"}}}""", "docker.io/library/debian", "hub")]
    [DataRow("""{"auths":{"r.example":{"username":"u","password":"plain-password"}}}""", "r.example/a", "plain")]
    [DataRow("""{"auths":{"r.example":{}},"credsStore":"store"}""", "r.example/a", "store r.example")]
    [DataRow("""{"auths":{},"credsStore":"store"}""", "docker.io/library/debian", "store https://index.docker.io/v1/")]
    [DataRow("""{"credHelpers":{"r.example":"one"},"credsStore":"store","auths":{"r.example":{"auth":"@host"}}}""", "r.example/a", "one r.example")]
    [DataRow("""{"credHelpers":{"r.example":"../evil"}}""", "r.example/a", null)]
    [DataRow("""{"auths":{"r.example":{"auth":"%%%"}}}""", "r.example/a", null)]
    [DataRow("""{"auths":[]}""", "r.example/a", null)]
    [DataRow("""{"auths":{"r.example":7}}""", "r.example/a", null)]
    [DataRow("""not json""", "r.example/a", null)]
    [DataRow("", "r.example/a", null)]
    public async Task The_most_specific_login_of_a_file_counts(string text, string image, string? expected)
    {
        using var scratch = new Scratch();
        foreach (var name in new[] { "b", "a", "host", "old", "evil", "hub" })
        {
            text = text.Replace($"\"@{name}\"", $"\"{Encode(name)}\"", StringComparison.Ordinal);
        }

        var logins = new RegistryLogins([scratch["absent.json"], scratch.Write("auth.json", text)], (helper, server, _) =>
            Task.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes($$"""{"ServerURL":"x","Username":"{{helper}} {{server}}","Secret":"password-of-test"}""")));

        var found = await logins.FindAsync((RegistryReference)ImageReference.Parse($"{image}:1"), Ct);

        var user = found.Login?.Basic is { } basic ? Decode(basic["Basic ".Length..]) : null;
        Assert.IsTrue(expected is null ? user is null : user!.StartsWith($"{(expected is "plain" ? "u" : expected)}:", StringComparison.Ordinal), $"{user} {found.Words}");
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_broken_helper_leaves_public_images_alone_and_is_named_when_one_is_refused()
    {
        using var scratch = new Scratch();
        await using var registry = new FakeRegistry();
        var logins = new RegistryLogins([scratch.Write("config.json", """{"credsStore":"gone-of-test"}""")], CredentialHelper.AskAsync);
        var isPublic = true;
        Guard(registry, registry.Url, (_, _) => isPublic);

        await Stores.Open(scratch, logins).PullAsync($"{registry.Host}/a:1", Ct);
        isPublic = false;
        var ex = await Stores.Open(scratch, logins).RefusesAsync($"{registry.Host}/b:1", Ct);

        Assert.AreEqual(Fault.RemoteUnauthorized, ex.Fault);
        Assert.Contains("docker-credential-gone-of-test", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(30_000, CooperativeCancellation = true)]
    public async Task A_real_helper_gets_the_server_on_standard_input_and_its_words_stay_inside()
    {
        using var scratch = new Scratch();
        var helper = scratch.Write("docker-credential-test", """
            #!/bin/sh
            [ "$1" = get ] || exit 9
            read -r server
            case $server in
            none) echo "credentials not found in native keychain"; exit 1;;
            bad) echo "secret-words-of-helper"; echo "secret-words-of-helper" >&2; exit 3;;
            esac
            printf '{"ServerURL":"%s","Username":"u","Secret":"p"}' "$server"
            """);
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var answer = await CredentialHelper.AskProgramAsync(helper, "r.example", Ct);
        var none = await CredentialHelper.AskProgramAsync(helper, "none", Ct);
        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => CredentialHelper.AskProgramAsync(helper, "bad", Ct));

        Assert.AreEqual("""{"ServerURL":"r.example","Username":"u","Secret":"p"}""", Encoding.UTF8.GetString(answer.Span));
        Assert.IsTrue(none.IsEmpty);
        Assert.Contains("exited with 3", ex.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-words", ex.ToString(), StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("docker.io/library/a", "https://auth.docker.io/token", true)]
    [DataRow("registry.gitlab.com/a", "https://gitlab.com/jwt/auth", true)]
    [DataRow("quay.io/a", "https://quay.io/v2/auth", true)]
    [DataRow("quay.io/a", "https://quay.io:443/v2/auth", true)]
    [DataRow("r.example.com/a", "https://named.example.net/jwt/auth", true)]
    [DataRow("r.example.com/a", "https://named.example.net:8443/jwt/auth", false)]
    [DataRow("r.example.com/a", "http://named.example.net/jwt/auth", false)]
    [DataRow("other.example.com/a", "https://named.example.net/jwt/auth", false)]
    [DataRow("r.example.com/a", "https://auth.example.com/", false)]
    [DataRow("r.example.co.uk/a", "https://evil.co.uk/", false)]
    [DataRow("r.example.com/a", "https://r.example.com:8443/", false)]
    [DataRow("r.example.com:5000/a", "https://r.example.com/", false)]
    [DataRow("r.example.com/a", "http://r.example.com/", false)]
    [DataRow("r.example.com/a", "https://r.example.com.evil.net/", false)]
    [DataRow("docker.io/library/a", "https://auth.docker.io.evil.net/", false)]
    [DataRow("docker.io/library/a", "https://auth.docker.io:8443/token", false)]
    [DataRow("gitlab.com/a", "https://registry.gitlab.com/jwt/auth", false)]
    [DataRow("mine.azurecr.io/a", "https://other.azurecr.io/", false)]
    [DataRow("mine.azurecr.io/a", "https://mine.azurecr.io/oauth2/token", true)]
    public void Only_the_registry_known_servers_and_those_that_the_project_names_may_see_a_login(string image, string realm, bool covered)
    {
        var rules = RegistryRules.None with
        {
            TokenServers = System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add("r.example.com", ["Named.example.net"]),
        };

        Assert.AreEqual(covered, RealmTrust.Covers((RegistryReference)ImageReference.Parse(image), new Uri(realm), rules));
    }

    [TestMethod]
    public void The_files_are_those_of_podman_and_docker()
    {
        var set = new Dictionary<string, string> { ["HOME"] = "/h" };

        CollectionAssert.AreEqual(
            new[] { $"/run/containers/{DotnetRelease.Storage.Libc.Self}/auth.json", "/h/.config/containers/auth.json", "/h/.docker/config.json" }, Files());
        set["XDG_RUNTIME_DIR"] = "/r";
        set["DOCKER_CONFIG"] = "/d";
        CollectionAssert.AreEqual(new[] { "/r/containers/auth.json", "/h/.config/containers/auth.json", "/d/config.json" }, Files());
        set["REGISTRY_AUTH_FILE"] = "/only";
        CollectionAssert.AreEqual(new[] { "/only" }, Files());

        string[] Files() => [.. RegistryLogins.FilesOf(name => set.GetValueOrDefault(name))];
    }

    private static RegistryLogins Logins(string file) => new([file], CredentialHelper.AskAsync);

    private static string AuthFile(Scratch scratch, string host, string login = $"{User}:{Password}") =>
        scratch.Write("auth.json", $$"""{"auths":{"{{host}}":{"auth":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(login))}}"} } }""");

    private static string Encode(string user) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:password-of-{user}"));

    private static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));

    /// <summary>Lets in whoever has the token that its own token server gives to those who may.</summary>
    private static void Guard(FakeRegistry registry, Uri realm, Func<RawRequest, string, bool> mayHave)
    {
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        registry.Misbehave = async (request, answer) =>
        {
            if (request.Target.StartsWith("/token", StringComparison.Ordinal))
            {
                var body = request.Method is "POST" ? Encoding.UTF8.GetString(await answer.BodyAsync()) : "";
                await (mayHave(request, body) ? answer.OkAsync("""{"token":"good"}"""u8.ToArray()) : answer.StatusAsync("401 Unauthorized"));
                return true;
            }

            if (request["Authorization"] is "Bearer good")
            {
                return false;
            }

            await answer.StatusAsync("401 Unauthorized", $"WWW-Authenticate: Bearer realm=\"{realm}token\",service=\"s\"");
            return true;
        };
    }

    private async Task SkopeoAsync(Scratch scratch, string command, params string[] arguments)
    {
        var outcome = await Exec.RunAsync(
            new Command("skopeo", ["--insecure-policy", "--tmpdir", scratch.Folder("tmp"), command, "--authfile", scratch["auth.json"], .. arguments]), Ct);
        Assert.AreEqual(0, outcome.ExitCode, outcome.Error);
    }
}
