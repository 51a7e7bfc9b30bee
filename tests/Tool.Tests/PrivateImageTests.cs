using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tool.Tests;

[TestClass]
public sealed class PrivateImageTests(TestContext test)
{
    private const string Login = "some-user:s3cret-of-test";

    private static readonly string Encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(Login));

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(120_000)]
    public async Task An_image_is_pulled_with_the_users_login_and_a_helper_of_the_users_is_asked()
    {
        using var scratch = new Scratch();
        await using var registry = Private();
        var image = $"{registry.Host}/a:1";
        var helper = scratch.Write("bin/docker-credential-of-test", """
            #!/bin/sh
            printf '{"ServerURL":"%s","Username":"some-user","Secret":"s3cret-of-test"}' "$(cat)"
            """);
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var withHelper = scratch.Write("helper.json", $$"""{"credHelpers":{"{{registry.Host}}":"of-test"} }""");
        scratch.Write(".docker/config.json", $$"""{"auths":{"{{registry.Host}}":{"auth":"{{Encoded}}"} } }""");
        var pull = BuiltTool.Command(scratch.Root, "-v", "image", "pull", image, "--json").With("XDG_RUNTIME_DIR", null);

        var refused = await Exec.RunAsync(pull.With("REGISTRY_AUTH_FILE", scratch["absent.json"]), Ct);
        var asked = await Exec.RunAsync(
            pull.With("REGISTRY_AUTH_FILE", withHelper).With("PATH", $"{scratch["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), Ct);
        var pulled = await Exec.RunAsync(pull, Ct);

        Assert.AreEqual((6, 0, 0), (refused.ExitCode, asked.ExitCode, pulled.ExitCode), refused.Error + asked.Error + pulled.Error);
        Assert.Contains("no login for", refused.Error, StringComparison.Ordinal);
        foreach (var outcome in new[] { refused, asked, pulled })
        {
            Assert.DoesNotContain("s3cret", outcome.Output + outcome.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(Encoded, outcome.Output + outcome.Error, StringComparison.Ordinal);
        }
    }

    private static FakeRegistry Private()
    {
        var registry = new FakeRegistry();
        registry.Tag("1", registry.Content.AddImage(OciContent.Tar("a", "1")));
        registry.Misbehave = async (request, answer) =>
        {
            if (request["Authorization"] == $"Basic {Encoded}")
            {
                return false;
            }

            await answer.StatusAsync("401 Unauthorized", "WWW-Authenticate: Basic realm=\"here\"");
            return true;
        };
        return registry;
    }
}
