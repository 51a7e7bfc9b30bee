using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

[TestClass]
public sealed class ManifestDocumentTests
{
    private const string SomeConfig = """{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":2}""";

    [TestMethod]
    [DataRow(OciContent.ManifestType, OciContent.ManifestType)]
    [DataRow(OciContent.ManifestType, null)]
    [DataRow(OciContent.ManifestType, "application/json")]
    [DataRow("application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.v2+json")]
    public void A_manifest_is_known_by_its_own_type_and_the_announced_one(string written, string? told)
    {
        var document = Read($$"""{"schemaVersion":2,"mediaType":"{{written}}","unknown":{"a":[1]},"annotations":{"b":"c"},"config":{{SomeConfig}},"layers":[]}""", told);

        Assert.IsEmpty(((ImageManifest)document).Layers);
        Assert.AreEqual(Digest.Of(""), ((ImageManifest)document).Config.Digest);
    }

    [TestMethod]
    public void A_document_without_a_type_is_what_it_was_announced_as()
    {
        Assert.IsInstanceOfType<ImageManifest>(Read($$"""{"schemaVersion":2,"config":{{SomeConfig}},"layers":[]}""", OciContent.ManifestType));
        Assert.IsInstanceOfType<IndexDocument>(Read("""{"schemaVersion":2,"manifests":[]}""", OciContent.IndexType));
        Assert.IsInstanceOfType<ImageManifest>(Read($$"""{"schemaVersion":2,"config":{{SomeConfig}},"layers":[]}""", null));
        Assert.IsInstanceOfType<IndexDocument>(Read("""{"schemaVersion":2,"manifests":[]}""", null));
    }

    [TestMethod]
    [DataRow("""{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}""", "both")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"config":{}}""", "form")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","layers":[],"config":{}}""", "form")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}""", "form")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}""", "lacks \"config\"")]
    [DataRow("""{"schemaVersion":2,"mediaType":"text/html","layers":[]}""", "text/html")]
    [DataRow("""{"schemaVersion":1,"name":"a","fsLayers":[]}""", "schema 1")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}""", "schema 1")]
    [DataRow("""{"layers":[]}""", "lacks \"schemaVersion\"")]
    [DataRow("""{"schemaVersion":2,"schemaVersion":2,"manifests":[]}""", "strict JSON")]
    [DataRow("""{"schemaVersion":2,"manifests":{}}""", "must be an array")]
    [DataRow("""{"schemaVersion":2,"manifests":[7]}""", "manifests[0] must be an object")]
    [DataRow("""{"schemaVersion":2,"manifests":[{"digest":"x"}]}""", "manifests[0] lacks \"mediaType\"")]
    [DataRow("""[]""", "must be an object")]
    [DataRow("""{"schemaVersion":2,"manifests":[]} x""", "strict JSON")]
    [DataRow("", "strict JSON")]
    public void A_document_that_could_be_two_things_or_nothing_is_refused(string json, string words)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Read(json, null));

        Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
        Assert.Contains(words, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_document_that_was_announced_as_something_else_is_refused()
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => Read(OciContent.Index(), OciContent.ManifestType));

        Assert.Contains("announced as", ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Deep_nesting_and_bytes_that_are_no_text_are_refused()
    {
        var deep = "{\"schemaVersion\":2,\"manifests\":" + new string('[', 100_000) + new string(']', 100_000) + "}";

        Assert.AreEqual(Fault.ImageMalformed, Assert.ThrowsExactly<ReleaseException>(() => Read(deep, null)).Fault);
        Assert.AreEqual(Fault.ImageMalformed, Assert.ThrowsExactly<ReleaseException>(() => ManifestDocument.Read(Digest.Of(""), new byte[] { 0x7b, 0xff, 0x7d }, null)).Fault);
    }

    [TestMethod]
    [DataRow("""{"os":"linux","architecture":"amd64"}""", "rootfs")]
    [DataRow("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["x"]}}""", "rootfs.diff_ids[0]")]
    [DataRow("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Env":["NOVALUE"]}}""", "config.Env[0]")]
    [DataRow("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Env":["=x"]}}""", "config.Env[0]")]
    [DataRow("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"Cmd":["a\u0000b"]}}""", "config.Cmd[0]")]
    [DataRow("""{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]},"config":{"User":7}}""", "config.User")]
    [DataRow("""{"architecture":"amd64","rootfs":{"diff_ids":[]}}""", "os")]
    public void A_config_that_cannot_be_used_says_where(string json, string key)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ConfigDocument.Read(Digest.Of(json), Encoding.UTF8.GetBytes(json)));

        Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
        Assert.Contains(key, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_config_may_leave_everything_about_running_open()
    {
        var json = """{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]},"config":{"Env":null,"Cmd":null,"Labels":{"a":"b"}}}"""u8.ToArray();

        var config = ConfigDocument.Read(Digest.Of(json), json);

        Assert.AreEqual("", config.Config.WorkingDirectory);
        Assert.IsEmpty(config.Config.Environment);
        Assert.IsEmpty(config.Config.Command);
    }

    [TestMethod]
    [DataRow("linux", "amd64", null, "amd64", null, 2)]
    [DataRow("linux", "amd64", "v1", "amd64", null, 2)]
    [DataRow("linux", "amd64", "v3", "amd64", null, 1)]
    [DataRow("linux", "arm64", "v8", "arm64", null, 2)]
    [DataRow("linux", "arm64", null, "arm64", "v8", 2)]
    [DataRow("linux", "arm", "v7", "arm", "v7", 2)]
    [DataRow("linux", "arm", "v6", "arm", "v7", 0)]
    [DataRow("windows", "amd64", null, "amd64", null, 0)]
    [DataRow("linux", "s390x", null, "amd64", null, 0)]
    public void Variants_are_compared_as_registries_write_them(string os, string architecture, string? variant, string wanted, string? wantedVariant, int fits) =>
        Assert.AreEqual(fits, new Platform(os, architecture, variant).Fits(new Platform("linux", wanted, wantedVariant)));

    [TestMethod]
    public void A_platform_is_words_because_it_becomes_part_of_a_file_name()
    {
        Assert.AreEqual(new Platform("linux", "arm", "v7"), Platform.Parse("linux/arm/v7"));
        Assert.AreEqual(new Platform("linux", "ppc64le"), Platform.OfRpm("ppc64le"));
        Assert.AreEqual(Platform.Current, Platform.OfRpm("noarch"));
        foreach (var text in new[] { "", "linux", "linux/", "linux/../etc", "linux/arm/v7/x", "linux/a b" })
        {
            Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => Platform.Parse(text)).Fault, text);
        }

        Assert.AreEqual(Fault.Usage, Assert.ThrowsExactly<ReleaseException>(() => Platform.OfRpm("../x")).Fault);
    }

    [TestMethod]
    [Timeout(30_000)]
    public void Damaged_documents_fail_as_malformed_and_never_otherwise()
    {
        var content = new OciContent();
        content.AddIndex(content.AddImage(OciContent.For("amd64"), "amd64", OciContent.Tar("a", "1")));
        var documents = content.Blobs.Values.Where(blob => blob.Type.EndsWith("+json", StringComparison.Ordinal)).ToList();
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var (original, type) = documents[random.Next(documents.Count)];
            var bytes = original.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                _ = type == OciContent.ConfigType ? ConfigDocument.Read(Digest.Of(""), bytes).ToString() : ManifestDocument.Read(Digest.Of(""), bytes, type).ToString();
            }
            catch (ReleaseException ex)
            {
                Assert.AreEqual(Fault.ImageMalformed, ex.Fault);
                refused++;
            }
        }

        Assert.IsGreaterThan(10_000, refused);
    }

    private static ManifestDocument Read(string json, string? told) => ManifestDocument.Read(Digest.Of(json), Encoding.UTF8.GetBytes(json), told);
}
