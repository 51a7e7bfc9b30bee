using System.CommandLine;
using DotnetRelease.Containers;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>image pull REF</c>, <c>image list</c>, <c>image inspect REF</c>, <c>image prune</c>.</summary>
internal static class ImageCommand
{
    private const string ReferenceHelp = "registry/name:tag[@sha256:…], oci:FOLDER[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag], or rootfs:FILE; files also with #sha256=HEX.";

    public static Command Create() => new("image", "Get distro images without docker, and look at them.") { Pull(), List(), Inspect(), ImagePruneCommand.Create() };

    private static Verb Pull()
    {
        var reference = Reference();
        var platform = PlatformOption();
        var dryRun = CommonOptions.DryRun();
        return new Verb(
            "pull",
            "Download an image, check every digest, and keep it.",
            "dotnet release image pull registry.fedoraproject.org/fedora:43",
            "dotnet release image pull quay.io/centos/centos:stream10 --platform linux/arm64") { reference, platform, dryRun }
            .Does(async (parsed, session, ct) =>
            {
                var asked = ImageReference.Parse(parsed.GetRequiredValue(reference)).RelativeTo(session.Folder);
                var wish = Wish(parsed, platform);
                if (parsed.GetValue(dryRun))
                {
                    await PlanAsync(session, asked, wish);
                    return ExitCode.Success;
                }

                Image image;
                using (session.Reporter.Stage($"pull {asked}"))
                {
                    image = await OpenStore(session).PullAsync(asked, wish, ct);
                }

                ImageOutput.WriteImage(session, image, ForShow(session));
                return ExitCode.Success;
            });
    }

    private static Verb List() => new Verb("list", "Show the images that were pulled from registries.", "dotnet release image list")
        .Does((_, session) =>
        {
            ImageOutput.WriteList(session, OpenStore(session).List());
            return ExitCode.Success;
        });

    private static Verb Inspect()
    {
        var reference = Reference();
        var platform = PlatformOption();
        return new Verb(
            "inspect",
            "Show what an image is, without getting its layers.",
            "dotnet release image inspect registry.fedoraproject.org/fedora:43 --json") { reference, platform }
            .Does(async (parsed, session, ct) =>
            {
                var asked = ImageReference.Parse(parsed.GetRequiredValue(reference)).RelativeTo(session.Folder);
                ImageOutput.WriteImage(session, await OpenStore(session).DescribeAsync(asked, Wish(parsed, platform), ct), ForShow(session));
                return ExitCode.Success;
            });
    }

    private static Argument<string> Reference() => new("image") { Description = ReferenceHelp };

    private static Option<string> PlatformOption() =>
        new("--platform") { HelpName = "os/arch", Description = "What the image has to run on (default: this machine)." };

    private static ImageWish Wish(ParseResult parsed, Option<string> platform) =>
        new(parsed.GetValue(platform) is { } text ? Platform.Parse(text) : Platform.Current);

    /// <summary>The store of the user.</summary>
    /// <param name="session">Of the command.</param>
    /// <param name="isUnpacked">Layers that need no download; null downloads all.</param>
    internal static ImageStore OpenStore(Session session, Func<Digest, bool>? isUnpacked = null)
    {
        var places = Places.FromEnvironment();
        return new(places, ContentCache.Open(places), new Lazy<HttpDoor>(() => new HttpDoor(HttpLimits.Default, session.Reporter)), session.Reporter)
        {
            Logins = CredentialHelper.UserLogins(),
            Rules = RegistryRulesOf.Project(session.Folder, session.Config),
            IsUnpacked = isUnpacked ?? (_ => false),
        };
    }

    /// <summary>The same, with what containers have unpacked.</summary>
    private static ImageStore ForShow(Session session)
    {
        var unpacked = new EmbeddedEngine(Places.FromEnvironment()).Layers().ToHashSet();
        return OpenStore(session, unpacked.Contains);
    }

    private static Task PlanAsync(Session session, ImageReference reference, ImageWish wish)
    {
        var action = reference is RegistryReference registry
            ? $"would ask {registry.Endpoint}v2/{registry.Repository}/manifests/{registry.Asked} for {wish.Platform} and download what is missing"
            : $"would check {reference}; nothing is downloaded";
        if (!session.Json)
        {
            return session.Output.WriteLineAsync(action);
        }

        session.WriteJson(json => json.WriteStrings("actions", [action]));
        return Task.CompletedTask;
    }
}
