using System.Net;
using System.Net.Sockets;

namespace DotnetRelease.Distro.Tests.Building;

/// <summary>What the commands of a spec find around them while they run.</summary>
[TestClass]
public sealed class BuildIsolationTests(TestContext test)
{
    private const int Patience = 300_000;
    private const string NoFiles = "\n%files\n";

    private CancellationToken Ct => test.CancellationToken;

    // cases.md 34, 35 and 37
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_reaches_nobody_holds_nothing_of_ours_and_may_do_with_files_what_root_does()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var name = $"dotnet-release-test-{Guid.NewGuid():n}";
        unix.Bind(new UnixDomainSocketEndPoint("\0" + name));
        unix.Listen();
        using var project = await BuildProject.OfSpecAsync($"""
            %build
            cat > tries.py <<'EOF'
            import os, socket
            def tried(name, family, kind, address, send=None):
                try:
                    s = socket.socket(family, kind); s.settimeout(1); s.connect(address)
                    if send: s.send(send); s.recv(512)
                    print("tried", name, "REACHED")
                except OSError as e: print("tried", name, "failed")
            tried("tcp", socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 443))
            tried("ipv6", socket.AF_INET6, socket.SOCK_STREAM, ("2001:db8::1", 443))
            tried("udp", socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 123))
            tried("dns", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53), b"RL\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1")
            tried("loopback", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {((IPEndPoint)listener.LocalEndpoint).Port}))
            tried("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0{name}")
            try: socket.getaddrinfo("example.org", 443); print("tried name REACHED")
            except OSError: print("tried name failed")
            print("open", *sorted(fd for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)))
            print("first", sorted(v.split("=")[0] for v in open("/proc/1/environ").read().split("\0") if v))
            EOF
            python3 tries.py < /dev/null
            grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status
            mkdir given && touch given/file && chown 1000:1000 given given/file && tar cf given.tar given && rm -r given && tar xf given.tar
            chmod 600 given/file && echo more >> given/file && stat -c 'given %u %a' given/file
            chown -R root: given && mkfifo given/pipe && chmod 2755 given && stat -c 'again %u %a' given
            """ + NoFiles);

        await project.BuildAsync(Ct, "probe");

        var log = await LogAsync(project);
        Assert.AreEqual("[container] limits: 6 hours", log[0]);
        Assert.StartsWith("[container] no network: 'lo' is the only interface; TCP over IPv4, TCP over IPv6, UDP, DNS (", log[1], StringComparison.Ordinal);
        Assert.EndsWith("the machine's loopback by TCP, the machine's loopback by UDP, the machine's abstract sockets were tried and lead nowhere", log[1], StringComparison.Ordinal);
        CollectionAssert.IsSubsetOf(
            (string[])
            [
                .. from way in (string[])["tcp", "ipv6", "udp", "dns", "loopback", "abstract", "name"] select $"tried {way} failed",
                "open 0 1 2", "first ['PATH']",
                "CapEff:\t000000000000001b", "NoNewPrivs:\t1", "Seccomp:\t2", "given 1000 600", "again 0 2755",
            ],
            log);
    }

    // The disk of the containers; of a build that fills it, see RefusedBuildTests.
    [TestMethod]
    [Timeout(Patience, CooperativeCancellation = true)]
    public async Task A_build_that_finds_its_disk_full_says_so()
    {
        using var project = await BuildProject.OfSpecAsync($"%build\ndd if=/dev/zero of=/dev/full bs=1 count=1\n{NoFiles}");

        var outcome = await project.RunAsync(Ct, "rpm", "probe");

        Assert.AreEqual(5, outcome.ExitCode, outcome.Error);
        Assert.Contains("error REL0010", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("after a disk was full", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("DOTNET_RELEASE_DATA", outcome.Error, StringComparison.Ordinal);
    }

    private Task<string[]> LogAsync(BuildProject project) =>
        File.ReadAllLinesAsync(Directory.EnumerateFiles(project[".release/logs"], "*-build.log", SearchOption.AllDirectories).Single(), Ct);
}
