using System.CommandLine;

namespace DotnetRelease.Tool.Commands;

/// <summary>Every command, in the order of a release.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All(EarlyContainer? early) =>
    [
        DoctorCommand.Create(),
        DetectCommand.Create(),
        PlanCommand.Create(),
        SpecCommand.Create(),
        TagCommand.Create(),
        FetchCommand.Create(),
        RpmCommand.Create(),
        SignCommand.Create(),
        VerifyCommand.Create(),
        PublishCommand.Create(),
        RepoCommand.Create(),
        KeyCommand.Create(),
        GitHubCommand.Create(),
        UploadAssetCommand.Create(),
        ShipCommand.Create(),
        StatusCommand.Create(),
        ImageCommand.Create(),
        RunCommand.Create(early),
        SummaryCommand.Create(),
    ];
}
