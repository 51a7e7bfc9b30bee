using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using DotnetRelease.Containers;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>run IMAGE -- CMD…</c>: the embedded engine on its own.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> ImageName = new("image") { Description = "registry/name:tag, oci:FOLDER[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag] or rootfs:FILE." };

    private static readonly Argument<string[]> Words = new("command")
    {
        Description = "What to run, after '--'; without it what the image says.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<Network> NetworkKind = new("--network")
    {
        HelpName = "none|host",
        Description = "What the command can reach: nothing, or what this machine can.",
        DefaultValueFactory = _ => Network.None,
        CustomParser = NetworkOf,
    };

    private static readonly Option<string[]> Volumes = new("--volume")
    {
        HelpName = "src:dst[:ro]",
        Description = "Show a folder or file of this machine inside. Can be repeated.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> Variables = new("--env", "-e")
    {
        HelpName = "name[=value]",
        Description = "Set a variable, or pass the one of this name on. Nothing else of this machine's environment goes in. Can be repeated.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> VariableFiles = new("--env-file")
    {
        HelpName = "file",
        Description = "Set the variables of a file, one NAME=value in a line. Can be repeated.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Folder = new("--workdir", "-w") { HelpName = "dir", Description = "Where the command starts (default: what the image says)." };

    private static readonly Option<string> User = new("--user", "-u") { HelpName = "user", Description = "Name or number, also user:group (default: what the image says)." };

    private static readonly Option<string> Entrypoint = new("--entrypoint")
    {
        HelpName = "program",
        Description = "Run this instead of the image's entrypoint: a program, a JSON array, or '' for none.",
    };

    private static readonly Option<string> Hostname = new("--hostname")
    {
        HelpName = "name",
        Description = "What the container takes for its own name.",
        DefaultValueFactory = _ => Sandbox.DefaultHostname,
    };

    private static readonly Option<bool> ReadOnly = new("--read-only") { Description = "The image's files cannot be changed; /tmp, /var/tmp, /run and /dev/shm can, and volumes." };

    private static readonly Option<bool> Interactive = new("--interactive", "-i") { Description = "Pass standard input on. Without it the command reads nothing." };

    private static readonly Option<bool> Tty = new("--tty", "-t") { Description = "Give the command a terminal of its own, which yours shows; with -i for a shell (-it)." };

    private static readonly Option<string> Engine = CommonOptions.Engine();

    /// <param name="early">A container that is already starting, or null.</param>
    public static Command Create(EarlyContainer? early) =>
        new Verb(
            "run",
            "Run a command in a container that is gone afterwards.",
            "dotnet release run registry.fedoraproject.org/fedora:43 -- rpm --version",
            "dotnet release run -it registry.fedoraproject.org/fedora:43 -- bash",
            "dotnet release run rootfs:distro.tar --volume .:/src:ro --workdir /src -- ls -l")
        {
            ImageName, NetworkKind, Volumes, Variables, VariableFiles, Folder, User, Entrypoint, Hostname, ReadOnly, Interactive, Tty, Engine, Words,
            LimitOptions.Memory, LimitOptions.Processes, LimitOptions.Processors, LimitOptions.Time,
        }.Does((parsed, session, _) => RunAsync(parsed, session, early)).TakingSignals();

    /// <summary>Until the command runs, Ctrl-C ends us; then it is the command's.</summary>
    private static async Task<ExitCode> RunAsync(ParseResult parsed, Session session, EarlyContainer? early)
    {
        var sandbox = SandboxOf(parsed, session);
        var entrypoint = parsed.GetValue(Entrypoint) is { } text ? ContainerCommand.ParseEntrypoint(text) : (ImmutableArray<string>?)null;
        var reference = ImageReference.Parse(parsed.GetRequiredValue(ImageName)).RelativeTo(session.Folder);
        var places = Places.FromEnvironment();
        var engine = (CommonOptions.EngineOf(parsed, Engine) ?? EngineChoice.Default).Open(places);
        await using var container = early is null ? engine.Begin() : await early.Begun;
        Image image;
        using (var interruption = new Interruption())
        {
            image = await FindImageAsync((engine, container), (places, session), reference, interruption.Token);
            sandbox = sandbox with { Command = ContainerCommand.Of(image, entrypoint, sandbox.Command), User = sandbox.User ?? image.Config.User };
            await container.OpenAsync(image, [], interruption.Token);
        }

        try
        {
            return (ExitCode)await sandbox.WithinTimeAsync(stop => container.RunAsync(sandbox, stop), CancellationToken.None);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.ContainerFailed || ex.Fault == Fault.EngineFailed)
        {
            // The exit code must not be taken for the command's.
            throw new ReleaseException(Fault.RunFailed, ex.Message, inner: ex) { Remedy = ex.Remedy };
        }
    }

    /// <summary>The container starts meanwhile; only a download waits for it, so that nothing is fetched for a machine that cannot run it.</summary>
    private static async Task<Image> FindImageAsync(
        (IContainerEngine Engine, IContainer Container) runs, (Places Places, Session Session) user, ImageReference reference, CancellationToken ct)
    {
        var http = new Lazy<HttpDoor>(() =>
        {
            runs.Container.ReadyAsync(ct).GetAwaiter().GetResult();
            return new HttpDoor(HttpLimits.Default, user.Session.Reporter);
        });
        try
        {
            var images = new ImageStore(user.Places, ContentCache.Open(user.Places), http, user.Session.Reporter)
            {
                IsUnpacked = runs.Engine.HasLayer,
                Logins = CredentialHelper.UserLogins(),
                Rules = RegistryRulesOf.Project(user.Session.Folder, user.Session.Config),

                // The next layer is still on its way while this one is unpacked.
                LayerHere = async (layer, stop) =>
                {
                    if (await runs.Container.UnpackAsync(layer, stop) is { Length: > 0 } note)
                    {
                        user.Session.Reporter.Detail($"{reference}: {note}");
                    }
                },
            };
            return await images.UseAsync(reference, new ImageWish(Platform.Current), ct);
        }
        finally
        {
            if (http.IsValueCreated)
            {
                http.Value.Dispose();
            }
        }
    }

    private static Sandbox SandboxOf(ParseResult parsed, Session session) => new([.. parsed.GetRequiredValue(Words)])
    {
        Network = parsed.GetRequiredValue(NetworkKind),
        Volumes = [.. parsed.GetRequiredValue(Volumes).Select(text => Volume.Parse(text, session.Folder))],
        Environment = EnvironmentOf(parsed, session),
        WorkingDirectory = parsed.GetValue(Folder) is { } folder ? Absolute(folder) : null,
        User = parsed.GetValue(User),
        Hostname = parsed.GetRequiredValue(Hostname),
        ReadOnlyRoot = parsed.GetValue(ReadOnly),
        Input = parsed.GetValue(Interactive),
        Terminal = parsed.GetValue(Tty),
        Limits = LimitOptions.Read(parsed),
    };

    /// <summary>Later ones win, and what is typed wins over what stands in files.</summary>
    private static ImmutableSortedDictionary<string, string> EnvironmentOf(ParseResult parsed, Session session)
    {
        var reader = new EnvironmentOption(Environment.GetEnvironmentVariable);
        var variables = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        variables = parsed.GetRequiredValue(VariableFiles).Select(session.Resolve).Aggregate(variables, reader.AddFile);
        return parsed.GetRequiredValue(Variables).Aggregate(variables, reader.Add);
    }

    private static Network NetworkOf(ArgumentResult result)
    {
        var name = result.Tokens[0].Value;
        if (name is not ("none" or "host"))
        {
            result.AddError($"'--network {name}': known are none and host.");
        }

        return name is "host" ? Network.Host : Network.None;
    }

    private static string Absolute(string folder) =>
        folder.StartsWith('/') ? folder : throw new ReleaseException(Fault.Usage, $"'--workdir {folder}' has to be an absolute path inside the container.");
}
