using System.Text;
using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

[TestClass]
public sealed class MaintainerListTests
{
    private const string Good = """
        [[maintainer]]
        name = "alice"
        fingerprint = "de28ab241fa48260fac9b8baa7c9b38522604281"
        key = "keys/alice.asc"
        packages = ["dangerzone", "python3-*"]
        channels = ["qa", "stable"]
        kinds = ["binary"]
        valid-from = 2025-01-01
        valid-until = 2027-01-01

        [[maintainer]]
        name = "Bob Builder"
        fingerprint = "0123456789012345678901234567890123456789012345678901234567890123"
        key = "keys/bob.asc"
        confined-to = "apps"

        [confined.apps]
        repositories = ["apps", "apps-qa"]
        packages = ["app-*"]
        """;

    [TestMethod]
    public void Everything_of_the_file_is_in_the_list()
    {
        var list = Parse(Good);

        var (alice, bob) = (list.Maintainers[0], list.Maintainers[1]);
        Assert.AreEqual(new OpenPgpMaintainerKey("DE28AB241FA48260FAC9B8BAA7C9B38522604281", "keys/alice.asc"), alice.Key);
        Assert.AreEqual("dangerzone, python3-*; qa, stable; Binary", $"{string.Join(", ", alice.Packages)}; {string.Join(", ", alice.Channels)}; {string.Join(", ", alice.Kinds)}");
        Assert.AreEqual((new DateOnly(2025, 1, 1), new DateOnly(2027, 1, 1)), (alice.ValidFrom!.Value, alice.ValidUntil!.Value));
        Assert.AreEqual(("apps", 2, true), (bob.ConfinedTo, bob.Kinds.Length, bob.Packages.IsEmpty));
        Assert.IsTrue(list.FindConfinement("apps")!.Owns("app-weather"));
        Assert.IsFalse(list.FindConfinement("apps")!.AllowsScriptlets);
    }

    [TestMethod]
    [DataRow("name = \"alice\"", "nmae = \"alice\"", "'maintainer[0].nmae' is no key of maintainers.toml", "Did you mean 'name'?", 2)]
    [DataRow("[[maintainer]]\nname = \"alice\"", "[[maintainers]]\nname = \"alice\"", "'maintainers' is no key", "Did you mean 'maintainer'?", 1)]
    [DataRow("repositories = [\"apps\", \"apps-qa\"]", "repository = [\"apps\"]", "'confined.apps.repository' is no key", "Did you mean 'repositories'?", 18)]
    [DataRow("name = \"alice\"\n", "", "has no key 'name'", "", 1)]
    [DataRow("name = \"alice\"", "name = \"\\u001b[2J\"", "must be a name of at most 64 printable characters", "", 2)]
    [DataRow("fingerprint = \"de28", "fingerprint = \"de 28", "must be the whole fingerprint", "", 3)]
    [DataRow("fingerprint = \"de28ab241fa48260fac9b8baa7c9b38522604281\"", "fingerprint = \"22604281\"", "must be the whole fingerprint", "", 3)]
    [DataRow("fingerprint = \"de28ab241fa48260fac9b8baa7c9b38522604281\"\n", "", "has no key 'fingerprint'", "", 1)]
    [DataRow("key = \"keys/alice.asc\"\n", "", "has no key 'key'", "", 1)]
    [DataRow("key = \"keys/alice.asc\"", "key = \"../alice.asc\"", "must be a path below the folder", "", 4)]
    [DataRow("key = \"keys/alice.asc\"", "key = \"/etc/passwd\"", "must be a path below the folder", "", 4)]
    [DataRow("packages = [\"dangerzone\"", "packages = [\"danger zone\"", "must be a name of packages", "", 5)]
    [DataRow("packages = [\"dangerzone\", \"python3-*\"]", "packages = \"*\"", "must be an array", "", 5)]
    [DataRow("kinds = [\"binary\"]", "kinds = [\"binaries\"]", "must be 'source' or 'binary', found 'binaries'", "", 7)]
    [DataRow("valid-from = 2025-01-01", "valid-from = \"2025-01-01\"", "must be a date such as", "", 8)]
    [DataRow("valid-from = 2025-01-01", "valid-from = 2028-01-01", "is before 'valid-from', 2028-01-01", "", 9)]
    [DataRow("confined-to = \"apps\"", "confined-to = \"app\"", "names 'app', and there is no table [confined.app]. Did you mean 'apps'?", "", 15)]
    [DataRow("repositories = [\"apps\", \"apps-qa\"]\n", "", "names no repository", "", 17)]
    [DataRow("0123456789012345678901234567890123456789012345678901234567890123", "DE28AB241FA48260FAC9B8BAA7C9B38522604281", "has the key DE28AB241FA48260FAC9B8BAA7C9B38522604281 a second time", "", 11)]
    [DataRow("name = \"alice\"", "name = \"alice\"\nssh = \"ssh-ed25519 AAAA\"", "has both 'fingerprint' and 'ssh'", "", 1)]
    public void A_mistake_is_named_with_its_place(string good, string bad, string words, string remedy, int line)
    {
        Assert.Contains(good, Good, StringComparison.Ordinal);

        var failure = Assert.ThrowsExactly<ReleaseException>(() => Parse(Good.Replace(good, bad, StringComparison.Ordinal)));

        Assert.AreEqual(Fault.MaintainersInvalid, failure.Fault);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.AreEqual(($"{new string('c', 12)}:maintainers.toml", line), (failure.Position!.Value.File, failure.Position.Value.Line), failure.Message);
        Assert.AreEqual(remedy, failure.Remedy);
    }

    [TestMethod]
    public void The_schema_for_editors_knows_the_same_keys()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Checkout.At("docs", "schema", "maintainers.schema.json")));
        var root = schema.RootElement.GetProperty("properties");

        CollectionAssert.AreEquivalent(MaintainerReader.RootKeys, Keys(root));
        CollectionAssert.AreEquivalent(MaintainerReader.MaintainerKeys, Keys(root.GetProperty("maintainer").GetProperty("items").GetProperty("properties")));
        CollectionAssert.AreEquivalent(MaintainerReader.ConfinedKeys, Keys(root.GetProperty("confined").GetProperty("additionalProperties").GetProperty("properties")));
    }

    private static List<string> Keys(JsonElement properties) =>
        [.. properties.EnumerateObject().Select(property => property.Value.TryGetProperty("description", out _) ? property.Name : $"{property.Name} (not described)")];

    private static MaintainerList Parse(string text) => MaintainerList.Parse(Encoding.UTF8.GetBytes(text), new('c', 40));
}
