using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

/// <summary>
/// The rules are those of SPDX 2.3 (chapters 6, 7 and 11 and its JSON schema): required fields, closed objects, words that a field may have. The schema itself is not here.
/// </summary>
[TestClass]
public sealed partial class SbomTests(TestContext test)
{
    private const string Install = "mkdir -p %{buildroot}/usr/share/%{name}/Some_Wheel-6.7.2.dist-info && touch %{buildroot}/usr/share/%{name}/Some_Wheel-6.7.2.dist-info/METADATA";

    private static readonly PlannedSource Wheel = new("Some_Wheel-6.7.2-py3-none-any.whl", Digest.Of("wheel"), new("poetry.lock", 8, 1))
    {
        Lock = new("poetry.lock", Digest.Of("lock"), "some-wheel", "6.7.2") { Ecosystem = "python" },
    };

    private static readonly PlannedSource Other = Wheel with { File = "other-1-py3-none-any.whl", Lock = Wheel.Lock! with { Package = "other", Version = "1" } };

    private static readonly PlannedSource Desktop = new("some.desktop", Digest.Of("desktop"), new("sources", 1, 1)) { Url = "https://example.org/some.desktop" };

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task It_says_what_the_package_was_made_from_and_which_wheel_is_inside()
    {
        var (binary, source) = await TextsAsync(Materials());

        CollectionAssert.AreEqual(
            (string[])
            [
                "DOCUMENT DESCRIBES Package", "Package GENERATED_FROM Spec",
                "Package GENERATED_FROM Source-0", "Package CONTAINS Source-0", "Package GENERATED_FROM Source-1", "Package GENERATED_FROM Source-2",
                "Image BUILD_DEPENDENCY_OF Package", "BuildRoot BUILD_DEPENDENCY_OF Package", "BuildRoot GENERATED_FROM Image",
            ],
            Relationships(binary));
        CollectionAssert.IsSubsetOf((string[])["Package CONTAINS Source-0", "Package CONTAINS Source-1", "Package CONTAINS Source-2"], Relationships(source));
        var packages = Packages(binary);
        Assert.AreEqual("pkg:rpm/sbomtest@1.0-1?arch=noarch", Reference(packages["Package"], "purl"));
        Assert.AreEqual("MIT", packages["Package"].GetProperty("licenseDeclared").GetString());
        Assert.IsFalse(packages["Package"].TryGetProperty("checksums", out _), "a signature would make it wrong");
        Assert.AreEqual("some-wheel 6.7.2 LGPL-3.0-only OR LicenseRef-Commercial pkg:pypi/some-wheel@6.7.2",
            $"{Text(packages["Source-0"], "name")} {Text(packages["Source-0"], "versionInfo")} {Text(packages["Source-0"], "licenseDeclared")} {Reference(packages["Source-0"], "purl")}");
        Assert.AreEqual(Wheel.Digest.Hex, Text(packages["Source-0"].GetProperty("checksums")[0], "checksumValue"));
        Assert.AreEqual("NOASSERTION", Text(packages["Source-1"], "licenseDeclared"));
        Assert.AreEqual("https://example.org/some.desktop", Text(packages["Source-2"], "downloadLocation"));
        Assert.AreEqual(Digest.Of("spec of sbomtest").Hex, Text(packages["Spec"].GetProperty("checksums")[0], "checksumValue"));
        Assert.AreEqual(TestJob.Root.Digest.ToString(), Text(packages["BuildRoot"], "versionInfo"));
        Assert.AreEqual("LicenseRef-Commercial", Text(binary.RootElement.GetProperty("hasExtractedLicensingInfos")[0], "licenseId"));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task It_keeps_the_rules_of_the_format()
    {
        var (binary, source) = await TextsAsync(Materials());

        foreach (var root in new[] { binary.RootElement, source.RootElement })
        {
            OnlyHas(root, ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages", "relationships"], ["hasExtractedLicensingInfos"]);
            OnlyHas(root.GetProperty("creationInfo"), ["created", "creators"], []);
            Assert.AreEqual("SPDX-2.3 CC0-1.0 SPDXRef-DOCUMENT", $"{Text(root, "spdxVersion")} {Text(root, "dataLicense")} {Text(root, "SPDXID")}");
            Assert.AreEqual("2025-11-20T00:00:00Z", Text(root.GetProperty("creationInfo"), "created"));
            Assert.IsTrue(Uri.TryCreate(Text(root, "documentNamespace"), UriKind.Absolute, out var name) && name.Fragment is "");
            string[] purposes = ["OTHER", "INSTALL", "ARCHIVE", "FIRMWARE", "APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "SOURCE", "DEVICE", "FILE"];
            foreach (var package in root.GetProperty("packages").EnumerateArray())
            {
                OnlyHas(
                    package,
                    ["SPDXID", "name", "downloadLocation", "filesAnalyzed", "licenseConcluded", "licenseDeclared", "copyrightText", "primaryPackagePurpose"],
                    ["versionInfo", "packageFileName", "supplier", "homepage", "summary", "comment", "checksums", "externalRefs"]);
                CollectionAssert.Contains(purposes, Text(package, "primaryPackagePurpose"));
                Assert.IsFalse(package.GetProperty("filesAnalyzed").GetBoolean());
            }

            var ids = root.GetProperty("packages").EnumerateArray().Select(package => Text(package, "SPDXID")).Append("SPDXRef-DOCUMENT").ToArray();
            CollectionAssert.AllItemsAreUnique(ids);
            Assert.IsTrue(ids.All(id => Id().IsMatch(id)));
            foreach (var relationship in root.GetProperty("relationships").EnumerateArray())
            {
                OnlyHas(relationship, ["spdxElementId", "relationshipType", "relatedSpdxElement"], []);
                CollectionAssert.IsSubsetOf((string[])[Text(relationship, "spdxElementId"), Text(relationship, "relatedSpdxElement")], ids);
            }
        }
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_rebuild_writes_the_same_bytes_and_a_signature_changes_none()
    {
        var built = await RpmFactory.BuildAsync(new("sbomtest") { Install = Install });
        using var folder = new Scratch();
        var path = folder["sbomtest-1.0-1.noarch.rpm"];
        File.Copy(built.Binary, path);
        var before = await WriteAsync(path, Materials());
        var key = await TestKey.Ed25519;
        await using var signer = await RpmSigner.OpenAsync(key.Gpg, key.Fingerprint, test.CancellationToken);
        await signer.SignAsync([path], test.CancellationToken);

        Assert.AreEqual(before, await WriteAsync(path, Materials()));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Other_inputs_have_another_name_for_the_document()
    {
        var (one, source) = await TextsAsync(Materials());
        var (other, _) = await TextsAsync(Materials() with { Root = RootPackages.Empty });

        Assert.HasCount(3, new[] { one, other, source }.Select(document => Text(document.RootElement, "documentNamespace")).ToHashSet());
    }

    private static BuildMaterials Materials() => TestJob.Materials("sbomtest", [Wheel, Other, Desktop]) with
    {
        Licenses = ImmutableDictionary<string, string>.Empty.Add(Wheel.File, "LGPL-3.0-only OR LicenseRef-Commercial").Add(Other.File, "see the file LICENSE, please"),
    };

    private static string[] Relationships(JsonDocument document) =>
    [
        .. document.RootElement.GetProperty("relationships").EnumerateArray()
            .Select(each => $"{Text(each, "spdxElementId")} {Text(each, "relationshipType")} {Text(each, "relatedSpdxElement")}".Replace("SPDXRef-", "", StringComparison.Ordinal)),
    ];

    private static Dictionary<string, JsonElement> Packages(JsonDocument document) =>
        document.RootElement.GetProperty("packages").EnumerateArray().ToDictionary(package => Text(package, "SPDXID")["SPDXRef-".Length..]);

    private static string Reference(JsonElement package, string type) =>
        Text(package.GetProperty("externalRefs").EnumerateArray().Single(each => Text(each, "referenceType") == type), "referenceLocator");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static void OnlyHas(JsonElement element, string[] required, string[] allowed)
    {
        var names = element.EnumerateObject().Select(property => property.Name).ToArray();
        CollectionAssert.IsSubsetOf(required, names);
        CollectionAssert.IsSubsetOf(names, required.Concat(allowed).ToArray());
    }

    private async Task<(JsonDocument Binary, JsonDocument Source)> TextsAsync(BuildMaterials materials)
    {
        var built = await RpmFactory.BuildAsync(new("sbomtest") { Install = Install });
        return (JsonDocument.Parse(await WriteAsync(built.Binary, materials)), JsonDocument.Parse(await WriteAsync(built.Source, materials)));
    }

    private async Task<string> WriteAsync(string path, BuildMaterials materials) =>
        Sbom.Write(materials, await RpmFile.ReadAsync(path, test.CancellationToken), await RpmPackage.ReadAsync(path, test.CancellationToken));

    [GeneratedRegex("^SPDXRef-[A-Za-z0-9.-]+$")]
    private static partial Regex Id();
}
