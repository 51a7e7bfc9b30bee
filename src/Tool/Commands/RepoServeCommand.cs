using System.CommandLine;
using DotnetRelease.Http;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>repo serve</c>: a folder over HTTP on loopback.</summary>
internal static class RepoServeCommand
{
    private const int UsualPort = 8080;

    private const string Summary = """
        Serve a repository folder over HTTP, on this machine only and read-only, until Ctrl-C.

        For trying by hand what clients would see. NAME is a repository of the settings that lies in a folder; anything else is a path.
        """;

    public static Command Create()
    {
        Argument<string> what = new("name|path") { Description = "A repository of the settings, or a folder." };
        Option<int> port = new("--port") { HelpName = "n", Description = $"The port on 127.0.0.1; 0 takes a free one (default: {UsualPort}).", DefaultValueFactory = _ => UsualPort };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > ushort.MaxValue)
            {
                result.AddError("--port has to be a number from 0 to 65535.");
            }
        });
        return new Verb("serve", Summary, "dotnet release repo serve qa", "dotnet release repo serve /srv/repo-qa --port 0") { what, port }.Does(async (parsed, session, ct) =>
        {
            var folder = await FolderAsync(session, parsed.GetRequiredValue(what), ct);
            using var server = LoopbackServer.Start(folder, parsed.GetValue(port));
            if (session.Json)
            {
                session.WriteJson(json =>
                {
                    json.WriteString("url", server.Url.AbsoluteUri);
                    json.WriteString("folder", folder);
                });
            }
            else
            {
                session.Output.WriteLine($"serving {folder} at {server.Url} until Ctrl-C");
            }

            await session.Output.FlushAsync(ct);
            await server.RunAsync(ct);
            return ExitCode.Success;
        });
    }

    private static async Task<string> FolderAsync(Session session, string what, CancellationToken ct)
    {
        if (await Workspace.TryOpenAsync(session.Folder, session.Config, ct) is { } workspace && workspace.Settings.FindRepository(what) is { } repository)
        {
            return repository.Url.ToPath(workspace.Folder) ?? throw new ReleaseException(Fault.Usage, $"Repository '{what}' is at '{repository.Url}', which is no folder of this machine.")
            {
                Remedy = $"See it where it is: dotnet release repo verify {what}",
            };
        }

        return session.Resolve(what);
    }
}
