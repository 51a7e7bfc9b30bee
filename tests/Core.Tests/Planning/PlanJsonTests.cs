using System.Text;
using System.Text.Json.Nodes;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

[TestClass]
public sealed class PlanJsonTests
{
    [TestMethod]
    public void A_plan_comes_back_as_it_was()
    {
        var plan = new PlanWorld().Plan();
        var source = plan.Rpms[0].Sources[0] with { Url = "https://example.org/ü?a=1&b=2", Size = 12 };
        Assert.IsTrue(Digest.TryParseAny("sha512:" + new string('a', 128), out var sha512));
        plan = plan with
        {
            Rpms = [plan.Rpms[0] with { Sources = [source, source with { File = "other", Size = null, Url = null, Package = null }, source with { Also = sha512 }, source with { Digest = sha512 }] }],
        };

        var text = Write(plan);

        Assert.AreEqual(text, Write(Read(text)));
        CollectionAssert.AreEqual(plan.Rpms[0].Sources, Read(text).Rpms[0].Sources);
    }

    [TestMethod]
    public void How_a_source_is_made_comes_back()
    {
        var plan = new PlanWorld().Plan();
        var sdist = new SdistRecipe(["poetry build --format sdist"], "fedora-43") { Prepare = ["dnf -y install poetry"] };
        plan = plan with { Rpms = [plan.Rpms[0] with { Sources = [plan.Rpms[0].Sources[0] with { Url = "git+file:.@v1.0", Sdist = sdist }] }] };

        var text = Write(plan);
        var read = Read(text);

        Assert.AreEqual(text, Write(read));
        Assert.AreEqual("'poetry build --format sdist' on fedora-43", read.Rpms[0].Sources[0].Sdist!.ToString());
    }

    [TestMethod]
    public void An_open_image_comes_back_open() =>
        Assert.IsNull(Read(Write(new PlanWorld { Image = null }.Plan())).Rpms[0].Targets[0].ImageDigest);

    [TestMethod]
    public void The_document_has_the_fields_of_the_contract()
    {
        var root = JsonNode.Parse(Write(new PlanWorld().Plan()))!;

        Assert.AreEqual(1, (int)root["schema"]!);
        var rpm = root["rpms"]![0]!;
        Assert.AreEqual("greeter 1.1", $"{rpm["name"]} {rpm["version"]}");
        Assert.AreEqual("poetry.lock: greeter 1.0 -> 1.1", (string?)rpm["reasons"]![0]);
        var target = rpm["targets"]![0]!;
        Assert.AreEqual("fedora-43 registry.example.org/fedora:43 x86_64 build", $"{target["name"]} {target["image"]} {target["arch"]} {target["state"]}");
        Assert.AreEqual(Digest.Of("image").ToString(), (string?)target["digest"]);
        Assert.AreEqual("greeter-1.1-1.fc43.src", (string?)target["nevra"]![1]);
        Assert.StartsWith("not built yet", (string?)target["why"], StringComparison.Ordinal);
        var source = rpm["sources"]![0]!;
        Assert.AreEqual("greeter-1.1-py3-none-any.whl", (string?)source["file"]);
        Assert.AreEqual(Digest.Of("greeter-1.1-py3-none-any.whl").Hex, (string?)source["sha256"]);
        Assert.IsTrue(source.AsObject().ContainsKey("url") && source.AsObject().ContainsKey("size"));
        Assert.AreEqual("fetch run", $"{root["steps"]![0]!["name"]} {root["steps"]![0]!["state"]}");
    }

    [TestMethod]
    [DataRow("", DisplayName = "empty")]
    [DataRow("{", DisplayName = "cut off")]
    [DataRow("[]", DisplayName = "an array")]
    [DataRow("{\"schema\":2,\"rpms\":[],\"steps\":[]}", DisplayName = "another schema")]
    [DataRow("{\"schema\":1,\"steps\":[]}", DisplayName = "a field missing")]
    [DataRow("{\"schema\":1,\"rpms\":{},\"steps\":[]}", DisplayName = "a field of another kind")]
    [DataRow("{\"schema\":1,\"rpms\":[{\"name\":null}],\"steps\":[]}", DisplayName = "a null")]
    public void What_is_no_plan_is_refused(string text) => Assert.AreEqual(Fault.PlanMalformed, Assert.ThrowsExactly<ReleaseException>(() => Read(text)).Fault);

    [TestMethod]
    [DataRow("\"sha256\": \"", "\"sha256\": \"x")]
    [DataRow("\"state\": \"build\"", "\"state\": \"maybe\"")]
    [DataRow("\"file\": \"greeter", "\"file\": \"../greeter")]
    public void A_plan_with_a_wrong_value_is_refused(string right, string wrong)
    {
        var text = Write(new PlanWorld().Plan()).Replace(right, wrong, StringComparison.Ordinal);

        Assert.AreEqual(Fault.PlanMalformed, Assert.ThrowsExactly<ReleaseException>(() => Read(text)).Fault);
    }

    private static string Write(ReleasePlan plan) => JsonText.OfDocument(json => PlanJson.Write(json, plan));

    private static ReleasePlan Read(string text) => PlanJson.Read(Encoding.UTF8.GetBytes(text), "plan.json");
}
