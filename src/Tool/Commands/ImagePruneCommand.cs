using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DotnetRelease.Building;
using DotnetRelease.Containers;
using DotnetRelease.Runs;
using DotnetRelease.Storage;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>image prune</c>: what nobody used for long goes.</summary>
internal static class ImagePruneCommand
{
    private const string Summary = """
        Remove images, unpacked layers, prepared roots and downloaded packages that were not used for 30 days.

        What is pinned in release.lock or release.toml of this project stays however old it is, and so does each layer that an image has which stays. While a
        container runs, nothing is removed. Everything that goes is fetched or made again when it is needed.
        """;

    public static Verb Create()
    {
        Option<int> days = new("--days")
        {
            HelpName = "n",
            Description = "Keep what was used within so many days; 0 keeps only what is pinned.",
            DefaultValueFactory = _ => ImagePrune.DefaultDays,
        };
        days.Validators.Add(result =>
        {
            const int most = 36500;
            if (result.GetValueOrDefault<int>() is < 0 or > most)
            {
                result.AddError($"--days has to be from 0 to {most}.");
            }
        });
        var dryRun = CommonOptions.DryRun();
        return new Verb("prune", Summary, "dotnet release image prune --dry-run", "dotnet release image prune --days 7") { days, dryRun }
            .Does(async (parsed, session, ct) =>
            {
                var places = Places.FromEnvironment();
                var pinned = await PinnedImages.FindAsync(session.Folder, session.Config, ct);
                var prune = new ImagePrune(ImageCommand.OpenStore(session), new EmbeddedEngine(places), LastUses.Open(places), mayWrite: !parsed.GetValue(dryRun))
                {
                    Packages = PackageCache.Open(places),
                    PinnedPackages = pinned.Packages,
                };
                var plan = prune.Plan(Before(parsed.GetValue(days)), pinned.Images);
                if (!parsed.GetValue(dryRun))
                {
                    await prune.RunAsync(plan, ct);
                }

                Show(session, plan, parsed.GetValue(dryRun));
                return ExitCode.Success;
            });
    }

    private static DateTimeOffset Before(int days) => days is 0 ? DateTimeOffset.MaxValue : DateTimeOffset.UtcNow.AddDays(-days);

    private static void Show(Session session, ImagePrunePlan plan, bool isDry)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, plan, isDry));
            return;
        }

        foreach (var action in isDry ? plan.Actions : [])
        {
            session.Output.WriteLine($"would {action}");
        }

        var packages = plan.Packages.Sum(package => package.Size);
        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(plan.Images.Expired.Length, "image")} with {(plan.Bytes - packages) / 1e6:0.0} MB of downloads, {Count(plan.Layers.Length, "unpacked layer")}, {Count(plan.Roots.Length, "prepared root")}, {Count(plan.Packages.Length, "package")} of {packages / 1e6:0.0} MB");
        session.Output.WriteLine(plan.IsEmpty ? "nothing to remove" : isDry ? $"would remove {what}" : $"removed {what}");
    }

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number is 1 ? "" : "s")}");

    private static void Write(Utf8JsonWriter json, ImagePrunePlan plan, bool isDry)
    {
        json.WriteItems("images", plan.Images.Expired, each =>
        {
            json.WriteString("reference", each.Image.Reference);
            json.WriteString("platform", each.Image.Platform.ToString());
            json.WriteString("digest", each.Image.Digest.ToString());
            json.WriteTime("used", each.Used);
        });
        json.WriteStrings("layers", [.. plan.Layers.Select(layer => layer.ToString())]);
        json.WriteStrings("roots", plan.Roots);
        json.WriteStrings("packages", [.. plan.Packages.Select(package => $"{package.Distro}/{Path.GetFileName(package.Path)}")]);
        json.WriteNumber("bytes", plan.Bytes);
        if (isDry)
        {
            json.WriteStrings("actions", [.. plan.Actions]);
        }

    }
}
