using System.Collections.Immutable;
using DotnetRelease.Containers;
using DotnetRelease.Images;
using DotnetRelease.Planning;
using DotnetRelease.Processes;

namespace DotnetRelease.Runs;

/// <summary>
/// Asks the repositories of each target, by the dnf of its image, what the distro has itself. Downloads images and metadata; what could not be
/// asked is unknown and no failure.
/// </summary>
/// <param name="workspace">The project.</param>
/// <param name="machine">Images and containers.</param>
/// <param name="reporter">Told about stages.</param>
public sealed class DistroQuery(Workspace workspace, Machine machine, IReporter reporter)
{
    private const int NoDnf = 99;
    private const int NoRepository = 98;

    /// <summary>dnf5 needs the line end that dnf 4 writes by itself; an empty line is none of ours.</summary>
    private const string Script = """
        dnf=$(command -v dnf5 || command -v dnf) || exit 99
        [ -n "$("$dnf" -q repolist --enabled)" ] || exit 98
        "$dnf" -q makecache > /dev/null || exit 1
        for name in "$@"; do
            echo "? $name"
            "$dnf" -q -C repoquery --available --latest-limit=1 --qf '%{name} %{version} %{release} %{repoid}\n' --whatprovides "$name" || exit 1
        done
        """;

    /// <summary>One answer for each target and machine of the plan.</summary>
    public async Task<ImmutableArray<DistroOffer>> AskAsync(ReleasePlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var offers = ImmutableArray.CreateBuilder<DistroOffer>();
        foreach (var target in plan.Rpms.SelectMany(rpm => rpm.Targets).DistinctBy(target => (target.Name, target.Arch)))
        {
            var names = plan.Rpms.Where(rpm => rpm.Targets.Any(other => (other.Name, other.Arch) == (target.Name, target.Arch)))
                .Select(rpm => rpm.Name);
            var followed = names.SelectMany(name => workspace.Settings.Rpms.First(rpm => rpm.Name == name).Follows);
            var offer = new DistroOffer(target.Name, target.Arch);
            try
            {
                offers.Add(await AskAsync(offer, target, [.. names, .. followed.Select(Capability)], ct));
            }
            catch (ReleaseException ex)
            {
                offers.Add(offer with { Unknown = ex.Message.TrimEnd('.') });
            }
        }

        return offers.ToImmutable();
    }

    /// <summary>Asks in a container that is open.</summary>
    /// <param name="container">Made of the target's image.</param>
    /// <param name="offer">The question.</param>
    /// <param name="names">Names of RPMs and capabilities.</param>
    /// <param name="ct">Ends it.</param>
    internal static async Task<DistroOffer> AskAsync(IContainer container, DistroOffer offer, ImmutableArray<string> names, CancellationToken ct)
    {
        var outcome = await container.ReadAsync(new Sandbox(["sh", "-c", Script, "sh", .. names]) { Network = Network.Host }, ct);
        return outcome.ExitCode switch
        {
            0 => offer with { Packages = Parse(outcome.Output) },
            NoRepository => offer with { Unknown = "the image has no repository enabled" },
            NoDnf => offer with { Unknown = "the image has no dnf to ask" },
            _ => offer with { Unknown = $"dnf of the image failed: {LastLine(outcome)}" },
        };
    }

    /// <summary>How distros name what they packaged from the Python index.</summary>
    internal static string Capability(string package) => $"python3dist({package})";

    private async Task<DistroOffer> AskAsync(DistroOffer offer, PlannedTarget target, ImmutableArray<string> names, CancellationToken ct)
    {
        if (Platform.OfRpm(target.Arch) != Platform.Current)
        {
            return offer with { Unknown = $"this machine is no {target.Arch}" };
        }

        using var stage = reporter.Stage($"ask {target.Name}");
        var reference = ImageReference.Parse(target.Image).RelativeTo(workspace.Folder);
        var image = await machine.Images.PullAsync(reference, new ImageWish(Platform.Current, target.ImageDigest), ct);
        await using var container = machine.Engine.Begin();
        await container.ReadyAsync(ct);
        await container.OpenAsync(image, [], ct);
        return await AskAsync(container, offer, names, ct);
    }

    /// <summary>What a container prints is foreign: only plain words of the right number count.</summary>
    private static ImmutableArray<OfferedPackage> Parse(string output)
    {
        var packages = ImmutableArray.CreateBuilder<OfferedPackage>();
        var asked = "";
        foreach (var line in output.Split('\n'))
        {
            switch (line.Split(' '))
            {
                case ["?", var name]:
                    asked = name.StartsWith("python3dist(", StringComparison.Ordinal) ? name["python3dist(".Length..^1] : name;
                    break;
                case [var name, var version, var release, var repository] when IsPlain(name) && IsPlain(version) && IsPlain(release) && IsPlain(repository):
                    packages.Add(new(asked, name, version, release, repository));
                    break;
            }
        }

        return packages.ToImmutable();
    }

    private static bool IsPlain(string word) => word.Length is > 0 and <= 200 && SafeName.IsPlain(word, "._+-~^:@");

    private static string LastLine(Outcome outcome)
    {
        const int enough = 300;
        var line = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {outcome.ExitCode}";
        var plain = string.Concat(line.Select(c => char.IsControl(c) ? '?' : c));
        return plain.Length > enough ? plain[..enough] : plain;
    }
}
