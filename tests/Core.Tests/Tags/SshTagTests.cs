using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;
using DotnetRelease.Tags;

namespace DotnetRelease.Core.Tests.Tags;

/// <summary>Case 71: tags that are signed with ssh keys.</summary>
[TestClass]
public sealed class SshTagTests
{
    private const int Patience = 60_000;

    [TestMethod]
    [Timeout(Patience)]
    public async Task What_git_itself_signs_with_an_ssh_key_is_accepted()
    {
        var key = await SshTestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("alice", key.Public));
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await project.GitAsync("-c", "gpg.format=ssh", "-c", $"user.signingkey={key.Path}", "tag", "-s", "-m", $"The release of {now}", "v1.0.0");

        var verdict = await TagJudge.AcceptAsync(project);

        Assert.StartsWith("SHA256:", verdict.Signer.SigningKey, StringComparison.Ordinal);
        Assert.AreEqual("alice", verdict.Signer.Maintainer.Name);
    }

    [TestMethod]
    [Timeout(Patience)]
    [DataRow("ecdsa", "")]
    [DataRow("rsa", "-b 2048")]
    [DataRow("ed25519", "")]
    public async Task Every_usual_type_of_key_is_accepted_with_both_hashes(string type, string options)
    {
        var key = await SshTestKey.MakeAsync(type, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("alice", key.Public));
        foreach (var hash in (string[])["sha256", "sha512"])
        {
            var payload = project.Payload();
            await project.StoreAsync("v1.0.0", payload, await key.SignAsync(payload, hash: hash));

            Assert.AreEqual("1.0.0", (await TagJudge.AcceptAsync(project)).Version);
        }
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_key_that_is_not_listed_is_refused()
    {
        var (listed, other) = (await SshTestKey.Ed25519, await SshTestKey.MakeAsync("ed25519"));
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("alice", listed.Public));
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", payload, await other.SignAsync(payload));

        await TagJudge.RefuseAsync(project, Fault.TagSignerUnknown, "which is not on the list");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task An_entry_for_another_package_or_time_is_refused_like_any_other()
    {
        var key = await SshTestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("bob", key.Public, "packages = [\"docs\"]\nchannels = [\"stable\"]"));
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", payload, await key.SignAsync(payload));
        await TagJudge.RefuseAsync(project, Fault.TagNotPermitted, "(bob), who may release: docs");

        project.Write("maintainers.toml", TagProject.SshEntry("bob", key.Public, "packages = [\"*\"]\nchannels = [\"stable\"]\nvalid-until = 2024-12-31"));
        await project.CommitAsync("bob left");

        // The signature has no time of its own, and the one in the tag is the signer's to choose.
        var early = project.Payload(made: new(2024, 6, 1, 0, 0, 0, TimeSpan.Zero));
        await project.StoreAsync("v1.0.0", early, await key.SignAsync(early));
        await TagJudge.RefuseAsync(project, Fault.TagNotPermitted, "until 2024-12-31; today is ");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_signature_that_was_made_for_something_else_is_refused()
    {
        var key = await SshTestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("alice", key.Public));
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", payload, await key.SignAsync(payload, space: "file"));

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "was made for 'file' and not for 'git'");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task One_changed_byte_of_the_text_is_refused()
    {
        var key = await SshTestKey.Ed25519;
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("alice", key.Public));
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", [.. payload, (byte)'\n'], await key.SignAsync(payload));

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "wrong signature");
    }

    [TestMethod]
    [Timeout(Patience)]
    public async Task A_certificate_is_refused_even_when_its_authority_and_its_key_are_listed()
    {
        var (authority, key) = (await SshTestKey.MakeAsync("ed25519"), await SshTestKey.MakeAsync("ed25519"));
        await Exec.ReadAsync(new Command("ssh-keygen", "-q", "-s", authority.Path, "-I", "alice", "-n", "alice", key.Path + ".pub"), CancellationToken.None);
        using var project = await TagProject.CreateAsync(TagProject.SshEntry("authority", authority.Public) + TagProject.SshEntry("alice", key.Public));
        var payload = project.Payload();
        await project.StoreAsync("v1.0.0", payload, await WithCertificateAsync(key, payload));

        await TagJudge.RefuseAsync(project, Fault.TagSignatureBad, "certificates are not accepted");
    }

    [TestMethod]
    [DataRow("ssh-ed25519", "must be a line as in a .pub file")]
    [DataRow("ssh-ed25519 AAAA", "is no ssh key")]
    [DataRow("ssh-ed25519 ****", "must be a line as in a .pub file")]
    [DataRow("RSA1024", "is an RSA key of fewer than 2048 bits")]
    [DataRow("DSA", "is of the type 'ssh-dss'")]
    [DataRow("LIE", "says 'ssh-rsa' before a key of the type 'ssh-ed25519'")]
    [DataRow("CERT", "is a certificate")]
    public async Task A_key_that_may_not_sign_is_a_mistake_in_the_list(string line, string words)
    {
        line = line switch
        {
            "RSA1024" => (await SshTestKey.MakeAsync("rsa", "-b", "1024")).Public,
            "DSA" => $"ssh-dss {Convert.ToBase64String(Wire("ssh-dss"))}",
            "LIE" => (await SshTestKey.Ed25519).Public.Replace("ssh-ed25519 ", "ssh-rsa ", StringComparison.Ordinal),
            "CERT" => $"ssh-ed25519-cert-v01@openssh.com {Convert.ToBase64String(Wire("ssh-ed25519-cert-v01@openssh.com"))}",
            _ => line,
        };

        var failure = Assert.ThrowsExactly<ReleaseException>(() => MaintainerList.Parse(Encoding.UTF8.GetBytes(TagProject.SshEntry("alice", line)), new('c', 40)));

        Assert.AreEqual(Fault.MaintainersInvalid, failure.Fault);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Wire(string text) => [0, 0, 0, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    /// <summary>The signature as ssh-keygen makes it with an agent that holds the certificate: that stands where the key would.</summary>
    private static async Task<byte[]> WithCertificateAsync(SshTestKey key, byte[] payload)
    {
        var plain = Encoding.ASCII.GetString(await key.SignAsync(payload)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var bytes = Convert.FromBase64String(string.Concat(plain[1..^1]));
        const int keyAt = 10;
        var certificate = Convert.FromBase64String((await File.ReadAllTextAsync(key.Path + "-cert.pub")).Split(' ')[1]);
        var length = bytes[keyAt + 3] + (bytes[keyAt + 2] << 8);
        byte[] forged = [.. bytes[..keyAt], 0, 0, (byte)(certificate.Length >> 8), (byte)certificate.Length, .. certificate, .. bytes[(keyAt + 4 + length)..]];
        return Encoding.ASCII.GetBytes($"{plain[0]}\n{Convert.ToBase64String(forged)}\n{plain[^1]}\n");
    }
}
