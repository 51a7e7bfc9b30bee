using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace DotnetRelease.Fixtures;

/// <summary>git's own server program (<c>git http-backend</c>) behind https on loopback, with a certificate that only its own file vouches for.</summary>
public sealed partial class GitHttpServer : IAsyncDisposable
{
    /// <summary>What a web server does for a CGI program, and no more.</summary>
    private const string Bridge = """
        import http.server, os, ssl, subprocess, sys
        root, certificate, key = sys.argv[1:]
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def chunks(self):
                while size := int(self.rfile.readline(), 16):
                    yield self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            def answer(self):
                path, _, query = self.path.partition("?")
                if self.headers.get("Transfer-Encoding") == "chunked": body = b"".join(self.chunks())
                else: body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = subprocess.run(["git", "http-backend"], input=body, stdout=subprocess.PIPE, env={
                    "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}).stdout
                head, _, body = said.partition(b"\r\n\r\n")
                lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.send_response(int(lines.pop("Status", "200").split()[0]))
                for name, value in lines.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_GET = do_POST = answer
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        print("listening on", server.server_port, flush=True)
        server.serve_forever()
        """;

    private readonly ListeningProgram _program;

    private GitHttpServer(ListeningProgram program, string certificate) => (_program, Certificate) = (program, certificate);

    /// <summary><c>https://127.0.0.1:PORT/</c></summary>
    public string Url => $"https://127.0.0.1:{_program.Where}/";

    /// <summary>The file that a client has to trust.</summary>
    public string Certificate { get; }

    /// <summary>Serves the repositories below a folder.</summary>
    public static async Task<GitHttpServer> StartAsync(Scratch scratch, string root, CancellationToken ct)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=git", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificate, key) = (scratch.Write("git-https/certificate.pem", made.ExportCertificatePem()), scratch.Write("git-https/key.pem", pair.ExportPkcs8PrivateKeyPem()));
        return new(await ListeningProgram.StartAsync(["python3", "-c", Bridge, root, certificate, key], Listening(), ct), certificate);
    }

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [GeneratedRegex("^listening on (?<port>[0-9]+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
