using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DotnetRelease.Http;
using DotnetRelease.Images;
using DotnetRelease.Runs;
using DotnetRelease.Storage;
using Spectre.Console;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>image pull REF</c>, <c>image list</c>, <c>image inspect REF</c>.</summary>
internal static class ImageCommand
{
    private const string ReferenceHelp = "registry/name:tag[@sha256:…], oci:FOLDER[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag], or rootfs:FILE; files also with #sha256=HEX.";

    public static Command Create() => new("image", "Get distro images without docker, and look at them.") { Pull(), List(), Inspect() };

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

                using var stage = session.Reporter.Stage($"pull {asked}");
                await ShowAsync(session, await OpenStore(session).PullAsync(asked, wish, ct));
                return ExitCode.Success;
            });
    }

    private static Verb List() => new Verb("list", "Show the images that were pulled from registries.", "dotnet release image list")
        .Does((_, session) =>
        {
            var images = OpenStore(session).List();
            if (session.Json)
            {
                session.WriteJson(json => WriteList(json, images));
                return ExitCode.Success;
            }

            var table = Session.NewTable("IMAGE", "PLATFORM", "DIGEST", "SIZE", "PULLED");
            foreach (var (image, pulled) in images)
            {
                table.AddRow(
                    Markup.Escape(image.Reference), Markup.Escape(image.Platform.ToString()), image.Digest.ToString(), Size(image.PackedSize),
                    pulled.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
            }

            session.WriteTable(table);
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
                await ShowAsync(session, await OpenStore(session).DescribeAsync(asked, Wish(parsed, platform), ct));
                return ExitCode.Success;
            });
    }

    private static Argument<string> Reference() => new("image") { Description = ReferenceHelp };

    private static Option<string> PlatformOption() =>
        new("--platform") { HelpName = "os/arch", Description = "What the image has to run on (default: this machine)." };

    private static ImageWish Wish(ParseResult parsed, Option<string> platform) =>
        new(parsed.GetValue(platform) is { } text ? Platform.Parse(text) : Platform.Current);

    private static ImageStore OpenStore(Session session)
    {
        var places = Places.FromEnvironment();
        return new(places, ContentCache.Open(places), new Lazy<HttpDoor>(() => new HttpDoor(HttpLimits.Default, session.Reporter)), session.Reporter)
        {
            Logins = CredentialHelper.UserLogins(),
            Rules = RegistryRulesOf.Project(session.Folder, session.Config),
        };
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

        session.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteStrings("actions", [action]);
            json.WriteEndObject();
        });
        return Task.CompletedTask;
    }

    private static async Task ShowAsync(Session session, Image image)
    {
        if (session.Json)
        {
            session.WriteJson(json => WriteImage(json, image));
            return;
        }

        await session.Output.WriteLineAsync($"{image.Reference}");
        await session.Output.WriteLineAsync($"  digest    {image.Digest}");
        await session.Output.WriteLineAsync($"  manifest  {image.Manifest}");
        await session.Output.WriteLineAsync($"  platform  {image.Platform}");
        await session.Output.WriteLineAsync($"  layers    {image.Layers.Length} ({Size(image.PackedSize)} packed)");
    }

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<PulledImage> images)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteStartArray("images");
        foreach (var (image, pulled) in images)
        {
            json.WriteStartObject();
            WriteHead(json, image);
            json.WriteString("pulled", pulled.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, Image image)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteStartObject("image");
        WriteHead(json, image);
        json.WriteStartArray("layers");
        foreach (var layer in image.Layers)
        {
            json.WriteStartObject();
            json.WriteString("digest", layer.Digest.ToString());
            json.WriteString("diffId", layer.DiffId.ToString());
            json.WriteNumber("size", layer.Size);
            json.WriteString("compression", layer.CompressionWord);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("config");
        json.WriteStrings("env", image.Config.Environment);
        json.WriteStrings("entrypoint", image.Config.Entrypoint);
        json.WriteStrings("cmd", image.Config.Command);
        json.WriteString("workingDir", image.Config.WorkingDirectory);
        json.WriteString("user", image.Config.User);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, Image image)
    {
        json.WriteString("reference", image.Reference);
        json.WriteString("digest", image.Digest.ToString());
        json.WriteString("manifest", image.Manifest.ToString());
        json.WriteString("platform", image.Platform.ToString());
        json.WriteNumber("size", image.PackedSize);
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
