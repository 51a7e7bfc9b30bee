using DotnetRelease.Images;

namespace DotnetRelease.Core.Tests.Images;

[TestClass]
public sealed class ImageReferenceTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [TestMethod]
    [DataRow("registry.fedoraproject.org/fedora:43", "registry.fedoraproject.org/fedora:43", "https://registry.fedoraproject.org/")]
    [DataRow("docker://quay.io/a/b-c/d__e.f:v1.0-rc_1", "quay.io/a/b-c/d__e.f:v1.0-rc_1", "https://quay.io/")]
    [DataRow("docker.io/fedora", "docker.io/library/fedora:latest", "https://registry-1.docker.io/")]
    [DataRow("index.docker.io/library/fedora:43", "docker.io/library/fedora:43", "https://registry-1.docker.io/")]
    [DataRow("docker.io/someone/thing:1", "docker.io/someone/thing:1", "https://registry-1.docker.io/")]
    [DataRow("localhost/a", "localhost/a:latest", "http://localhost/")]
    [DataRow("localhost:5000/a:1", "localhost:5000/a:1", "http://localhost:5000/")]
    [DataRow("127.0.0.1:5000/a:1", "127.0.0.1:5000/a:1", "http://127.0.0.1:5000/")]
    [DataRow("[::1]:5000/a:1", "[::1]:5000/a:1", "http://[::1]:5000/")]
    [DataRow("[2001:db8::1]:5000/a:1", "[2001:db8::1]:5000/a:1", "https://[2001:db8::1]:5000/")]
    [DataRow("localhost.example.org/a:1", "localhost.example.org/a:1", "https://localhost.example.org/")]
    [DataRow("127.0.0.1.example.org/a:1", "127.0.0.1.example.org/a:1", "https://127.0.0.1.example.org/")]
    [DataRow("10.0.0.1:5000/a:1", "10.0.0.1:5000/a:1", "https://10.0.0.1:5000/")]
    [DataRow("Registry.Example/a:1", "Registry.Example/a:1", "https://registry.example/")]
    [DataRow("r.example/a@sha256:" + Hex, "r.example/a@sha256:" + Hex, "https://r.example/")]
    [DataRow("r.example/a:t@sha256:" + Hex, "r.example/a:t@sha256:" + Hex, "https://r.example/")]
    public void A_whole_name_is_understood_and_only_this_machine_is_spoken_to_without_tls(string text, string full, string endpoint)
    {
        var reference = (RegistryReference)ImageReference.Parse(text);

        Assert.AreEqual(full, reference.ToString());
        Assert.AreEqual(endpoint, reference.Endpoint.AbsoluteUri);
        Assert.AreEqual(reference, ImageReference.Parse(full));
    }

    [TestMethod]
    public void A_digest_is_asked_for_rather_than_the_tag_beside_it()
    {
        Assert.AreEqual("sha256:" + Hex, ((RegistryReference)ImageReference.Parse("r.example/a:t@sha256:" + Hex)).Asked);
        Assert.AreEqual("t", ((RegistryReference)ImageReference.Parse("r.example/a:t")).Asked);
        Assert.IsNull(((RegistryReference)ImageReference.Parse("r.example/a@sha256:" + Hex)).Tag);
    }

    [TestMethod]
    [DataRow("fedora:43", "registry.fedoraproject.org/fedora:43, docker.io/library/fedora:43")]
    [DataRow("Fedora:43A", "registry.fedoraproject.org/fedora:43A, docker.io/library/fedora:43A")]
    [DataRow("fedora", "docker.io/library/fedora")]
    [DataRow("someone/thing:1", "docker.io/someone/thing:1")]
    [DataRow("docker://fedora:43", "docker.io/library/fedora:43")]
    public void A_name_without_a_registry_is_refused_and_the_whole_names_are_shown(string text, string suggestion)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ImageReference.Parse(text));

        Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
        Assert.Contains(suggestion, ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("r.example/")]
    [DataRow("r.example/A")]
    [DataRow("r.example/a//b")]
    [DataRow("r.example/a/")]
    [DataRow("r.example/../etc")]
    [DataRow("r.example/a/../../etc:1")]
    [DataRow("r.example/a...b")]
    [DataRow("r.example/a___b")]
    [DataRow("r.example/-a")]
    [DataRow("r.example/a:")]
    [DataRow("r.example/a:.t")]
    [DataRow("r.example/a:-t")]
    [DataRow("r.example/a:t/u")]
    [DataRow("r.example/a:t:u")]
    [DataRow("r.example/a:t%2f")]
    [DataRow("r.example/a:t?x=y")]
    [DataRow("r.example/a b")]
    [DataRow("r.example/a\nb")]
    [DataRow("r.example/ä")]
    [DataRow("r.example/a:１")]
    [DataRow("user@r.example/a")]
    [DataRow("user:password@r.example/a")]
    [DataRow("r.example:port/a")]
    [DataRow("r.example:99999/a")]
    [DataRow("r..example/a")]
    [DataRow("-r.example/a")]
    [DataRow("[::zz]/a")]
    [DataRow("[::1/a")]
    [DataRow("https://r.example/a")]
    [DataRow("r.example/a@sha256:../../etc")]
    [DataRow("r.example/a@sha512:" + Hex)]
    [DataRow("r.example/a@" + Hex)]
    [DataRow("r.example/a@sha256:" + Hex + "0")]
    [DataRow("r.example/a@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [DataRow("r.example/a@sha256:" + Hex + "@sha256:" + Hex)]
    [DataRow("oci:")]
    [DataRow("oci::t")]
    [DataRow("oci:folder:")]
    [DataRow("rootfs:")]
    [DataRow("rootfs:#sha256=" + Hex)]
    [DataRow("rootfs:f#sha256=abc")]
    [DataRow("rootfs:f#md5=d41d8cd98f00b204e9800998ecf8427e")]
    [DataRow("rootfs:f#sha256=sha256:" + Hex)]
    [DataRow("rootfs:f#")]
    public void Anything_else_is_refused_before_it_becomes_a_path_or_a_request(string text)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ImageReference.Parse(text));

        Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
        Assert.IsFalse(ex.Message.Any(char.IsControl));
    }

    [TestMethod]
    public void A_tag_of_ten_kilobytes_is_refused_and_not_repeated_in_full()
    {
        foreach (var text in new[] { "r.example/a:" + new string('t', 129), "r.example/" + new string('a', 256), "r.example/a:" + new string('t', 10_240) })
        {
            var ex = Assert.ThrowsExactly<ReleaseException>(() => ImageReference.Parse(text));

            Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
            Assert.IsLessThan(1000, ex.Message.Length);
        }

        Assert.AreEqual(128, ((RegistryReference)ImageReference.Parse("r.example/a:" + new string('t', 128))).Tag!.Length);
    }

    [TestMethod]
    [DataRow("docker-daemon:a:1")]
    [DataRow("containers-storage:a")]
    [DataRow("dir:a")]
    public void A_transport_of_other_tools_is_named_and_the_conversion_is_shown(string text)
    {
        var ex = Assert.ThrowsExactly<ReleaseException>(() => ImageReference.Parse(text));

        Assert.AreEqual(Fault.ImageReferenceMalformed, ex.Fault);
        Assert.Contains($"skopeo copy '{text}' oci:", ex.Remedy, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Layouts_and_root_file_systems_have_paths_relative_to_the_project()
    {
        Assert.AreEqual(new LayoutReference("/p/images", "f:43"), ImageReference.Parse("oci:images:f:43").RelativeTo("/p"));
        Assert.AreEqual(new LayoutReference("/images", null), ImageReference.Parse("oci:/images").RelativeTo("/p"));
        Assert.AreEqual(new ArchiveReference(ArchiveKind.Oci, "/p/a.tar", "f:43", null), ImageReference.Parse("oci-archive:a.tar:f:43").RelativeTo("/p"));
        var archive = (ArchiveReference)ImageReference.Parse("docker-archive:a.tar.xz:localhost/a:1#sha256=" + Hex).RelativeTo("/p");
        Assert.AreEqual(("/p/a.tar.xz", "localhost/a:1", Hex), (archive.File, archive.Tag, archive.FileDigest!.Value.Hex));
        Assert.AreEqual($"docker-archive:/p/a.tar.xz:localhost/a:1#sha256={Hex}", archive.ToString());
        var rootfs = (RootfsReference)ImageReference.Parse("rootfs:build/a#b.tar#sha256=" + Hex).RelativeTo("/p");
        Assert.AreEqual("/p/build/a#b.tar", rootfs.File);
        Assert.AreEqual(Hex, rootfs.WrittenDigest!.Value.Hex);
        Assert.AreEqual($"rootfs:/p/build/a#b.tar#sha256={Hex}", rootfs.ToString());
    }
}
