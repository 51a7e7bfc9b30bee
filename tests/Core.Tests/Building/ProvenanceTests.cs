using System.Text;
using System.Text.Json;
using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class ProvenanceTests(TestContext test)
{
    private static readonly PlannedSource Wheel = new("wheel.whl", Digest.Of("wheel"), new("poetry.lock", 8, 1)) { Url = "https://example.org/wheel.whl" };

    private static readonly BuiltDocument Document = new("provtest-1.0-1.noarch.spdx.json", Digest.Of("sbom"));

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task It_names_the_package_the_others_the_image_and_the_sources_and_nothing_of_this_machine()
    {
        var (binary, source) = await FilesAsync();

        var text = Provenance.Write(TestJob.Materials("provtest", [Wheel]), binary, [binary, source], [Document]);

        using var document = JsonDocument.Parse(text);
        var (subject, predicate) = (document.RootElement.GetProperty("subject")[0], document.RootElement.GetProperty("predicate"));
        Assert.AreEqual("https://in-toto.io/Statement/v1", document.RootElement.GetProperty("_type").GetString());
        Assert.AreEqual("https://slsa.dev/provenance/v1", document.RootElement.GetProperty("predicateType").GetString());
        Assert.AreEqual(binary.Sha256.Hex, Sha256(subject));
        Assert.AreEqual(source.Sha256.Hex, Sha256(predicate.GetProperty("runDetails").GetProperty("byproducts")[0]));
        Assert.AreEqual(Document.Digest.Hex, Sha256(predicate.GetProperty("runDetails").GetProperty("byproducts")[1]));
        var dependencies = predicate.GetProperty("buildDefinition").GetProperty("resolvedDependencies");
        Assert.AreEqual($"rootfs:distro.tar {Digest.Of("image").Hex}", $"{dependencies[0].GetProperty("name")} {Sha256(dependencies[0])}");
        Assert.AreEqual($"specs/provtest.spec {Digest.Of("spec of provtest").Hex}", $"{dependencies[1].GetProperty("name")} {Sha256(dependencies[1])}");
        Assert.AreEqual($"wheel.whl https://example.org/wheel.whl {Digest.Of("wheel").Hex}", $"{dependencies[2].GetProperty("name")} {dependencies[2].GetProperty("uri")} {Sha256(dependencies[2])}");
        Assert.AreEqual("provtest-1.0-1.noarch.provenance.json", Provenance.FileNameFor(binary.Nevra));
        Assert.DoesNotContain("/home/somebody", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetDirectoryName(binary.Path)!, text, StringComparison.Ordinal);
        Assert.AreEqual(text, Provenance.Write(TestJob.Materials("provtest", [Wheel]), binary, [binary, source], [Document]));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_locked_source_comes_with_its_lockfile_and_each_package_of_the_root_with_the_digest_of_its_header()
    {
        var (binary, _) = await FilesAsync();
        var locked = Wheel with { Url = null, Lock = new("sub/poetry.lock", Digest.Of("the lock"), "pyside6", "6.7.2+local") { Ecosystem = "python" } };
        var second = locked with { File = "other.whl" };

        using var document = JsonDocument.Parse(Provenance.Write(TestJob.Materials("provtest", [locked, second]), binary, [binary], []));

        var definition = document.RootElement.GetProperty("predicate").GetProperty("buildDefinition");
        CollectionAssert.AreEqual(
            (string[])
            [
                $"image rootfs:distro.tar - sha256={Digest.Of("image").Hex}",
                $"spec specs/provtest.spec - sha256={Digest.Of("spec of provtest").Hex}",
                $"lockfile sub/poetry.lock - sha256={Digest.Of("the lock").Hex}",
                $"source wheel.whl pkg:pypi/pyside6@6.7.2%2Blocal sha256={Digest.Of("wheel").Hex}",
                $"source other.whl pkg:pypi/pyside6@6.7.2%2Blocal sha256={Digest.Of("wheel").Hex}",
                $"build-root gcc-c++-14.2.1-3.fc43.x86_64 pkg:rpm/gcc-c%2B%2B@14.2.1-3.fc43?arch=x86_64 rpmHeaderSha256={Digest.Of("header of gcc").Hex}",
                "build-root tzdata-1:2026a-1.noarch pkg:rpm/tzdata@2026a-1?arch=noarch&epoch=1 -",
            ],
            definition.GetProperty("resolvedDependencies").EnumerateArray().Select(Line).ToArray());
        Assert.AreEqual("sub/poetry.lock", definition.GetProperty("resolvedDependencies")[3].GetProperty("annotations").GetProperty("lockfile").GetString());
        Assert.AreEqual(TestJob.Root.Digest.Hex, definition.GetProperty("internalParameters").GetProperty("buildRoot").GetString());

        static string Line(JsonElement each) =>
            $"{each.GetProperty("annotations").GetProperty("role")} {each.GetProperty("name")} {(each.TryGetProperty("uri", out var uri) ? uri.GetString() : "-")} "
            + (each.TryGetProperty("digest", out var digest) ? string.Join(',', digest.EnumerateObject().Select(pair => $"{pair.Name}={pair.Value}")) : "-");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_subject_has_a_digest_that_a_signature_does_not_change()
    {
        var (binary, source) = await FilesAsync();

        using var document = JsonDocument.Parse(Provenance.Write(TestJob.Materials("provtest"), binary, [binary, source], [Document]));

        Assert.AreEqual(binary.HeaderSha256.Hex, document.RootElement.GetProperty("subject")[0].GetProperty("digest").GetProperty("rpmHeaderSha256").GetString());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task The_statement_of_a_root_with_ten_thousand_packages_is_read_back()
    {
        var (binary, _) = await FilesAsync();
        var many = RootPackages.Of(Enumerable.Range(0, 10_000).Select(number =>
            new RootPackage(new($"python3-some-longer-name-{number}", 0, "2026.11.27", "1.20261127git1a2b3c4.fc43", "x86_64"), Digest.Of($"{number}"))));

        var text = Provenance.Write(TestJob.Materials("provtest") with { Root = many }, binary, [binary], []);

        Assert.IsNotNull(Provenance.TryRead(Encoding.UTF8.GetBytes(text)));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_was_written_is_read_back()
    {
        var (binary, source) = await FilesAsync();

        var record = Provenance.TryRead(await StatementAsync())!;

        Assert.AreEqual($"provtest local x86_64 {new BuildInputs(record.Parts).Key}", $"{record.Rpm} {record.Target} {record.Arch} {record.InputsKey}");
        Assert.AreEqual("provtest", record.Parts["rpm"]);
        Assert.IsNotNull(record.Root);
        CollectionAssert.AreEqual(
            (BuiltFile[])[new(binary.Nevra.FileName, binary.Sha256, binary.HeaderSha256), new(source.Nevra.FileName, source.Sha256, source.HeaderSha256)], record.Files.ToArray());
        CollectionAssert.AreEqual((BuiltDocument[])[Document], record.Documents.ToArray());
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    [DataRow("docs/provenance.md", "docs/another-tool.md")]
    [DataRow("\"rpm\": \"provtest\"", "\"rpm\": null")]
    [DataRow("\"rpm\": \"provtest\"", "\"rpm\": 7")]
    [DataRow("\"subject\"", "\"subjects\"")]
    [DataRow("\"byproducts\": [", "\"byproducts\": [7, ")]
    [DataRow("\"inputs\": \"", "\"inputs\": \"x")]
    [DataRow("\"headerSha256\": \"", "\"headerSha256\": \"0")]
    [DataRow("\"_type\"", "\"predicate\": {}, \"_type\"")]
    [DataRow("{", "[")]
    public async Task What_is_not_quite_a_statement_of_ours_is_none(string old, string now)
    {
        var text = Encoding.UTF8.GetString(await StatementAsync());
        Assert.Contains(old, text, StringComparison.Ordinal);

        Assert.IsNull(Provenance.TryRead(Encoding.UTF8.GetBytes(text.Replace(old, now, StringComparison.Ordinal))));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Every_beginning_of_a_statement_is_none()
    {
        var bytes = await StatementAsync();

        // The last byte is the end of the line.
        for (var length = 0; length < bytes.Length - 1; length++)
        {
            Assert.IsNull(Provenance.TryRead(bytes.AsMemory(0, length)), $"{length} bytes");
        }
    }

    [TestMethod]
    public void A_file_of_megabytes_is_not_even_parsed() => Assert.IsNull(Provenance.TryRead(new byte[Provenance.SizeLimit + 1]));

    private static string? Sha256(JsonElement item) => item.GetProperty("digest").GetProperty("sha256").GetString();

    private async Task<byte[]> StatementAsync()
    {
        var (binary, source) = await FilesAsync();
        return Encoding.UTF8.GetBytes(Provenance.Write(TestJob.Materials("provtest", [Wheel]), binary, [binary, source], [Document]));
    }

    private async Task<(RpmFile Binary, RpmFile Source)> FilesAsync()
    {
        var built = await RpmFactory.BuildAsync(new("provtest"));
        return (await RpmFile.ReadAsync(built.Binary, test.CancellationToken), await RpmFile.ReadAsync(built.Source, test.CancellationToken));
    }
}
