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

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task It_names_the_package_the_others_the_image_and_the_sources_and_nothing_of_this_machine()
    {
        var (binary, source) = await FilesAsync();

        var text = Provenance.Write(TestJob.Of("provtest", [Wheel]), binary, [binary, source]);

        using var document = JsonDocument.Parse(text);
        var (subject, predicate) = (document.RootElement.GetProperty("subject")[0], document.RootElement.GetProperty("predicate"));
        Assert.AreEqual("https://in-toto.io/Statement/v1", document.RootElement.GetProperty("_type").GetString());
        Assert.AreEqual("https://slsa.dev/provenance/v1", document.RootElement.GetProperty("predicateType").GetString());
        Assert.AreEqual(binary.Sha256.Hex, Sha256(subject));
        Assert.AreEqual(source.Sha256.Hex, Sha256(predicate.GetProperty("runDetails").GetProperty("byproducts").EnumerateArray().Single()));
        var dependencies = predicate.GetProperty("buildDefinition").GetProperty("resolvedDependencies");
        Assert.AreEqual($"rootfs:distro.tar {Digest.Of("image").Hex}", $"{dependencies[0].GetProperty("name")} {Sha256(dependencies[0])}");
        Assert.AreEqual($"wheel.whl https://example.org/wheel.whl {Digest.Of("wheel").Hex}", $"{dependencies[1].GetProperty("name")} {dependencies[1].GetProperty("uri")} {Sha256(dependencies[1])}");
        Assert.AreEqual("provtest-1.0-1.noarch.provenance.json", Provenance.FileNameFor(binary.Nevra));
        Assert.DoesNotContain("/home/somebody", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetDirectoryName(binary.Path)!, text, StringComparison.Ordinal);
        Assert.AreEqual(text, Provenance.Write(TestJob.Of("provtest", [Wheel]), binary, [binary, source]));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_was_written_is_read_back()
    {
        var (binary, source) = await FilesAsync();

        var record = Provenance.TryRead(await StatementAsync())!;

        Assert.AreEqual($"provtest local x86_64 {Digest.Of("inputs of provtest")}", $"{record.Rpm} {record.Target} {record.Arch} {record.InputsKey}");
        CollectionAssert.AreEqual(
            (BuiltFile[])[new(binary.Nevra.FileName, binary.Sha256, binary.HeaderSha256), new(source.Nevra.FileName, source.Sha256, source.HeaderSha256)], record.Files.ToArray());
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
    public void A_file_of_megabytes_is_not_even_parsed() => Assert.IsNull(Provenance.TryRead(new byte[2 * 1024 * 1024]));

    private static string? Sha256(JsonElement item) => item.GetProperty("digest").GetProperty("sha256").GetString();

    private async Task<byte[]> StatementAsync()
    {
        var (binary, source) = await FilesAsync();
        return Encoding.UTF8.GetBytes(Provenance.Write(TestJob.Of("provtest", [Wheel]), binary, [binary, source]));
    }

    private async Task<(RpmFile Binary, RpmFile Source)> FilesAsync()
    {
        var built = await RpmFactory.BuildAsync(new("provtest"));
        return (await RpmFile.ReadAsync(built.Binary, test.CancellationToken), await RpmFile.ReadAsync(built.Source, test.CancellationToken));
    }
}
