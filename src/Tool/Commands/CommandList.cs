using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary>Every command, in the order of a release.</summary>
internal static class CommandList
{
    private static readonly Entry[] Known =
    [
        new("doctor", _ => DoctorCommand.Create()),
        new("detect", _ => DetectCommand.Create()),
        new("plan", _ => PlanCommand.Create()),
        new("spec", _ => SpecCommand.Create()),
        new("tag", _ => TagCommand.Create()),
        new("lock", _ => LockCommand.Create()),
        new("fetch", _ => FetchCommand.Create()),
        new("rpm", _ => RpmCommand.Create()),
        new("sign", _ => SignCommand.Create()),
        new("verify", _ => VerifyCommand.Create()),
        new("publish", _ => PublishCommand.Create()),
        new("repo", _ => RepoCommand.Create()),
        new("key", _ => KeyCommand.Create()),
        new("github", _ => GitHubCommand.Create()),
        new("upload-asset", _ => UploadAssetCommand.Create()),
        new("ship", _ => ShipCommand.Create()),
        new("status", _ => StatusCommand.Create()),
        new("image", _ => ImageCommand.Create()),
        new("run", early => RunCommand.Create(early)),
        new("summary", _ => SummaryCommand.Create()),
    ];

    /// <param name="early">A container that is already starting, for <c>run</c>.</param>
    public static IEnumerable<Command> All(EarlyContainer? early) => Known.Select(entry => entry.Create(early));

    /// <summary>The one command that a command line begins with, or null. To make all of them takes longer than the short ones run.</summary>
    public static Command? Find(string[] args, EarlyContainer? early) =>
        args is [var name, ..] ? Array.Find(Known, entry => string.Equals(entry.Name, name, StringComparison.Ordinal))?.Create(early) : null;

    /// <param name="Name">What the user types.</param>
    /// <param name="Create">Makes it.</param>
    private sealed record Entry(string Name, Func<EarlyContainer?, Command> Create);
}
