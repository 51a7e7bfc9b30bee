using System.IO.Compression;
using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Processes;

namespace DotnetRelease.Tasks.Tests;

/// <summary>Cases 44 to 48, 81 and 82 for a build: a secret key that is handed over to it, with a passphrase, and that no keyring of the user has.</summary>
[TestClass]
public sealed class HandedOverKeyTests(TestContext test)
{
    private const int Patience = 180_000;
    private const string Passphrase = "CANARY_77ab04 %";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    [DataRow("file", "-p:DotnetReleaseKeyFile=secret.asc")]
    [DataRow("descriptor", "-p:DotnetReleaseKeyFd=4")]
    [DataRow("variable", "")]
    public async Task It_signs_and_publishes_and_the_binary_log_has_no_byte_of_it(string way, string given)
    {
        using var project = await NewProjectAsync();
        var (fingerprint, secret) = await LockedKeyAsync(project);
        var build = Build(project, $"-p:DotnetReleaseKey={fingerprint} -p:DotnetReleasePassphraseFd=3 {given} 3<pass{(way is "descriptor" ? " 4<secret.asc" : "")}");

        var outcome = await Exec.RunAsync(way is "variable" ? build.With(KeyVariable.Name, secret) : build, Ct);

        Assert.AreEqual(0, outcome.ExitCode, outcome.Output + outcome.Error);
        Assert.Contains("published: secretly-1.0-1.noarch", outcome.Output, StringComparison.Ordinal);
        Assert.IsTrue(File.Exists(project["repo/demo/local/repodata/repomd.xml.asc"]));
        var log = Unpacked(project["all.binlog"]);
        foreach (var canary in (string[])[Passphrase, secret.Split('\n').First(line => line.Length is 64)])
        {
            Assert.DoesNotContain(canary, outcome.Output + outcome.Error, StringComparison.Ordinal);
            Assert.IsLessThan(0, log.AsSpan().IndexOf(Encoding.ASCII.GetBytes(canary)));
        }

        Assert.IsGreaterThan(0, log.AsSpan().IndexOf("DotnetReleasePublished"u8), "what was looked through is the log");
        Assert.IsEmpty(Directory.GetDirectories(project["t"], "dotnet-release-gpg-*"), "The short-lived home is gone.");
    }

    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_key_that_others_can_read_is_an_error_and_the_package_keeps_every_byte()
    {
        using var project = await NewProjectAsync();
        var (fingerprint, _) = await LockedKeyAsync(project);
        File.SetUnixFileMode(project["secret.asc"], UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var before = await File.ReadAllBytesAsync(project["one.rpm"], Ct);

        var outcome = await Exec.RunAsync(Build(project, $"-p:DotnetReleaseKey={fingerprint} -p:DotnetReleaseKeyFile=secret.asc"), Ct);

        Assert.AreEqual(1, outcome.ExitCode);
        StringAssert.Matches(outcome.Output, new("error REL4007: .*can be read by others"));
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(project["one.rpm"], Ct));
    }

    /// <summary>The targets of the package as they are, over an RPM that is there already.</summary>
    private async Task<Scratch> NewProjectAsync()
    {
        var scratch = new Scratch();
        await ZipFile.ExtractToDirectoryAsync(Directory.GetFiles(PackedTasks.Feed, "*.nupkg").Single(), scratch["package"], Ct);
        File.Copy((await RpmFactory.BuildAsync(new("secretly"))).Binary, scratch["one.rpm"]);
        scratch.Folder("t");
        scratch.Write("pass", Passphrase + "\n");
        scratch.Write("release.toml", """
            [project]
            name = "demo"

            [target.local]
            image = "rootfs:distro.tar"

            [repository.qa]
            url = "file:repo"
            """);
        scratch.Write("sign.proj", """
            <Project>
              <PropertyGroup><BaseIntermediateOutputPath>obj/</BaseIntermediateOutputPath></PropertyGroup>
              <Import Project="package/build/DotnetRelease.Tasks.props" />
              <Import Project="package/build/DotnetRelease.Tasks.targets" />
              <Target Name="DotnetReleaseRpm">
                <ItemGroup><DotnetReleaseRpmFile Include="one.rpm" /></ItemGroup>
              </Target>
            </Project>
            """);
        return scratch;
    }

    private async Task<(string Fingerprint, string Secret)> LockedKeyAsync(Scratch scratch)
    {
        var gpg = new Gpg(Directory.CreateDirectory(scratch["k"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName);
        string[] unlocked = ["--pinentry-mode", "loopback", "--passphrase", Passphrase];
        await Exec.ReadAsync(gpg.Command([.. unlocked, "--quick-generate-key", "CI", "ed25519", "sign", "never"]), Ct);
        var fingerprint = (await gpg.ListSecretAsync("", Ct))[0].Fingerprint;
        var secret = await Exec.ReadAsync(gpg.Command([.. unlocked, "--armor", "--export-secret-keys", fingerprint]), Ct);
        await Exec.ReadAsync(new Command("gpgconf", "--homedir", scratch["k"], "--kill", "all"), Ct);
        scratch.Write("release.toml", scratch.Read("release.toml") + $"\n[signing]\nkey = \"{fingerprint}\"\n");
        scratch.Write("secret.asc", secret.Output);
        File.SetUnixFileMode(scratch["secret.asc"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return (fingerprint, secret.Output);
    }

    private static Command Build(Scratch project, string rest) =>
        new Command("sh", "-c", $"exec dotnet msbuild sign.proj -m:1 -t:DotnetReleasePublish -v:diag -bl:all.binlog {rest}") { WorkingDirectory = project.Root }
            .With("DOTNET_CLI_TELEMETRY_OPTOUT", "1").With("MSBUILDDISABLENODEREUSE", "1").With("GNUPGHOME", "/nonexistent").With("TMPDIR", project["t"]);

    private static byte[] Unpacked(string log)
    {
        using var packed = new GZipStream(File.OpenRead(log), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }
}
