using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

[TestClass]
public sealed class AuthChallengeTests
{
    private const string Plain = "bearer(realm=https://auth.example/token;scope=repository:a/b:pull;service=r.example)";

    [TestMethod]
    [DataRow("""Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull" """)]
    [DataRow("""bearer  realm = "https://auth.example/token" ,, service= "r.example" , scope ="repository:a/b:pull",""")]
    [DataRow("""BEARER Realm=https://auth.example/token, Service=r.example, Scope=repository:a/b:pull""")]
    [DataRow("""Bearer realm="https://auth.example/\token",service="r.\e\x\a\m\p\l\e",scope="repository:a/b:pull" """)]
    [DataRow("Bearer\trealm=\"https://auth.example/token\",\tservice=\"r.example\",scope=\"repository:a/b:pull\"")]
    [DataRow("""Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull",realm="https://evil.example/" """)]
    [DataRow("""Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull""")]
    public void One_challenge_is_read_however_it_is_spelled(string header) => Assert.AreEqual(Plain, Show([header]));

    [TestMethod]
    public void Several_challenges_are_told_apart_in_one_line_and_in_several()
    {
        Assert.AreEqual("basic(realm=x, y)|bearer(realm=https://a)", Show(["""Basic realm="x, y", Bearer realm="https://a" """]));
        Assert.AreEqual("negotiate()|newauth(realm=apps;title=Login to \"apps\";type=1)|basic(realm=simple)", Show(["Negotiate", """Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple" """]));
    }

    [TestMethod]
    public void An_unquoted_list_breaks_at_its_comma_and_does_no_harm() =>
        Assert.AreEqual("bearer(realm=https://a;scope=repository:a/b:pull)|push()", Show(["Bearer realm=https://a,scope=repository:a/b:pull,push"]));

    [TestMethod]
    [DataRow("")]
    [DataRow(" , ,, ")]
    [DataRow("=")]
    [DataRow("\"")]
    [DataRow("realm=\"https://evil.example\"")]
    public void Rubbish_is_no_challenge(string header) => Assert.AreEqual("", Show([header]));

    [TestMethod]
    [Timeout(10_000)]
    public void No_text_hangs_or_breaks_the_reader()
    {
        var random = new Random(1);
        const string letters = "ab=, \t\"\\Bearer";
        for (var round = 0; round < 20_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => letters[random.Next(letters.Length)])]);

            Assert.IsTrue(AuthChallenge.Parse([text]).All(challenge => challenge.Scheme.Length > 0), text);
        }

        Assert.IsEmpty(AuthChallenge.Parse([new string('a', 100_000)]));
    }

    private static string Show(string[] headers) => string.Join('|', AuthChallenge.Parse(headers).Select(challenge =>
        $"{challenge.Scheme}({string.Join(';', challenge.Parameters.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))})"));
}
