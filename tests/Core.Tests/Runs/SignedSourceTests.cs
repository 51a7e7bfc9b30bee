using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Core.Tests.Runs;

/// <summary>Files that their publisher signed: nobody uses one, or writes its digest down, before the signature was good.</summary>
[TestClass]
public sealed class SignedSourceTests(TestContext test)
{
    private const string Name = "tool-1.0.0.tar.gz";

    private static readonly byte[] Bytes = [.. "the bytes of the release"u8];

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_good_signature_is_asked_for_when_the_digest_is_written_down_and_at_the_first_use(bool armor)
    {
        var key = await TestKey.Rsa;
        await using var server = await ServeAsync(Bytes, await SignAsync(key, armor: armor));
        using var project = await SourceProject.CreateAsync(server[$"dl/{Name}"].ToString(), "", key);

        await project.RecordAsync(Ct);
        project.EmptyCache();
        var before = server.Requests.Count;
        var first = await project.FetchAsync(Ct);
        var asked = server.Requests.Count;
        await project.FetchAsync(Ct);

        Assert.StartsWith($"SHA512 ({Name}) = ", project.Sources, StringComparison.Ordinal);
        Assert.AreEqual(2, before);
        CollectionAssert.AreEqual(new[] { $"/dl/{Name}", $"/dl/{Name}.asc" }, server.Requests.Skip(before).Take(asked - before).Select(request => request.Target).ToArray());
        Assert.HasCount(asked, server.Requests);
        CollectionAssert.AreEqual(Bytes, await File.ReadAllBytesAsync(first.Path, Ct));
    }

    // cases.md 66 for files
    [TestMethod]
    [DataRow("altered file", "has a wrong signature")]
    [DataRow("another key", "which is not on the list")]
    [DataRow("expired key", "expired on 2020-01-02")]
    [DataRow("weak hash", "weak hash algorithm")]
    [DataRow("in the future", "in the future")]
    [DataRow("two signatures", "something else than exactly one")]
    [DataRow("cut", "whose frame is not whole")]
    [DataRow("a page", "something else than exactly one")]
    [DataRow("a signature over text", "something else than exactly one")]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_file_that_nobody_vouches_for_is_refused_and_not_written_down(string how, string says)
    {
        var rsa = await TestKey.Rsa;
        var expected = how is "expired key" ? await TestKey.Expired : rsa;
        var signature = how switch
        {
            "another key" => await SignAsync(await TestKey.Ed25519),
            "expired key" => await SignAsync(expected, options: ["--faked-system-time", "20200101T120000"]),
            "weak hash" => await SignAsync(rsa, options: ["--digest-algo", "SHA1", "--allow-weak-digest-algos"]),
            "in the future" => await SignAsync(rsa, options: ["--faked-system-time", "20400101T120000"]),
            "two signatures" => [.. await SignAsync(rsa, armor: false), .. await SignAsync(rsa, armor: false)],
            "cut" => (await SignAsync(rsa))[..^40],
            "a page" => "<html>"u8.ToArray(),
            "a signature over text" => await SignAsync(rsa, options: ["--textmode"]),
            _ => await SignAsync(rsa),
        };
        await using var server = await ServeAsync(how is "altered file" ? "the bytes of another one"u8.ToArray() : Bytes, signature);
        using var project = await SourceProject.CreateAsync(server[Name].ToString(), "", expected);

        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.RecordAsync(Ct));

        Assert.AreEqual(Fault.SourceSignatureRefused, error.Fault, error.Message);
        Assert.StartsWith(Name, error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.AreEqual("", project.Sources);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_digest_that_somebody_wrote_down_does_not_stand_for_the_signature()
    {
        var key = await TestKey.Rsa;
        await using var server = await ServeAsync(Bytes, await SignAsync(await TestKey.Ed25519));
        using var project = await SourceProject.CreateAsync(server[Name].ToString(), "", key);
        project.WriteSources($"SHA256 ({Name}) = {Digest.Of(Bytes).Hex}\n");

        var first = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.FetchAsync(Ct));
        var second = await Assert.ThrowsExactlyAsync<ReleaseException>(() => project.FetchAsync(Ct));

        Assert.AreEqual((Fault.SourceSignatureRefused, Fault.SourceSignatureRefused), (first.Fault, second.Fault));
    }

    [TestMethod]
    [DataRow("", ".sig")]
    [DataRow("signature = \"tool.sign\"", null)]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_signature_beside_the_spec_needs_no_server(string rule, string? ending)
    {
        var key = await TestKey.Rsa;
        await using var server = await ServeAsync(Bytes, null);
        using var project = await SourceProject.CreateAsync(server[Name].ToString(), rule, key);
        project.WriteBeside(ending is null ? "tool.sign" : Name + ending, await SignAsync(key));

        await project.RecordAsync(Ct);

        Assert.HasCount(1, server.Requests);
        Assert.Contains(Name, project.Sources, StringComparison.Ordinal);
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_signature_has_its_own_address_where_the_settings_say_so_and_one_that_is_missing_is_no_pardon()
    {
        var key = await TestKey.Rsa;
        var signature = await SignAsync(key);
        await using var other = new RawServer((request, answer) => request.Target is "/sigs/1.0.0" ? answer.OkAsync(signature) : answer.StatusAsync("404 Not Found"));
        await using var server = await ServeAsync(Bytes, null);
        using var project = await SourceProject.CreateAsync(server[Name].ToString(), $"signature = \"{other["sigs/"]}{{version}}\"", key);
        using var lacking = await SourceProject.CreateAsync(server[Name].ToString(), "", key);

        await project.RecordAsync(Ct);
        var error = await Assert.ThrowsExactlyAsync<ReleaseException>(() => lacking.RecordAsync(Ct));

        Assert.Contains(Name, project.Sources, StringComparison.Ordinal);
        Assert.AreEqual(Fault.SourceNotFound, error.Fault);
        Assert.AreEqual("", lacking.Sources);
    }

    private static Task<RawServer> ServeAsync(byte[] file, byte[]? signature) => Task.FromResult(new RawServer((request, answer) =>
        request.Target.EndsWith(Name, StringComparison.Ordinal) ? answer.OkAsync(file)
        : request.Target.EndsWith(Name + ".asc", StringComparison.Ordinal) && signature is not null ? answer.OkAsync(signature)
        : answer.StatusAsync("404 Not Found")));

    private async Task<byte[]> SignAsync(TestKey key, bool armor = true, params string[] options)
    {
        string[] form = armor ? ["--armor"] : [];
        var command = key.Gpg.Command(["--no-emit-version", .. form, "--local-user", key.Fingerprint, .. options, "--detach-sign"]) with { Input = Bytes };
        return (await Exec.ReadAsync(command, Ct)).OutputBytes.ToArray();
    }
}
