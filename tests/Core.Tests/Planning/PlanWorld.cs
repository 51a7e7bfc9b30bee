using System.Collections.Immutable;
using DotnetRelease.Core.Tests.Specs;
using DotnetRelease.Lockfiles;
using DotnetRelease.Planning;
using DotnetRelease.Specs;

namespace DotnetRelease.Core.Tests.Planning;

/// <summary>A small project to plan with: a greeter that follows one package, and a helper that follows none.</summary>
internal sealed record PlanWorld
{
    public const string SpecPath = "rpm-specs/greeter/greeter.spec";

    private const string DefaultSettings = """
        [project]
        name = "hello"
        lockfiles = ["poetry.lock"]
        [[rpm]]
        name = "greeter"
        follows = ["greeter"]
        targets = ["fedora-43"]
        [[rpm]]
        name = "helper"
        targets = ["fedora-43"]
        [target.fedora-43]
        image = "registry.example.org/fedora:43"
        """;

    public string SettingsText { get; init; } = DefaultSettings;

    public ImmutableArray<LockedPackage> Old { get; init; } = [SpecTexts.Wheels("greeter", "1.0", "greeter-1.0-py3-none-any.whl")];

    public ImmutableArray<LockedPackage> New { get; init; } = [SpecTexts.Wheels("greeter", "1.1", "greeter-1.1-py3-none-any.whl")];

    public string Spec { get; init; } = SpecTexts.Small("1.1", extra: "Source0: https://example.org/greeter-%{version}-py3-none-any.whl");

    public string? Sources { get; init; }

    public ImmutableDictionary<string, Digest> Files { get; init; } = ImmutableDictionary.Create<string, Digest>(StringComparer.Ordinal);

    public PlanRequest Request { get; init; } = PlanRequest.Everything;

    public Digest? Image { get; init; } = Digest.Of("image");

    public ReleaseLock Pins { get; init; } = ReleaseLock.Empty;

    public ImmutableArray<BuildRecord> Built { get; init; } = [];

    public static Lockfile Lock(ImmutableArray<LockedPackage> packages) => new("poetry.lock", "poetry", "2.1", packages);

    public PlanInputs Inputs()
    {
        var settings = Settings.Parse(SettingsText, "release.toml");
        var folder = new SpecFolder(
            SpecFile.Parse(Spec, SpecPath), Sources is null ? null : SourcesFile.Parse(Sources, "rpm-specs/greeter/sources"), Files);
        return new PlanInputs(settings, [new LockPair(Lock(Old), Lock(New))], Request)
        {
            Specs = settings.Rpms.ToImmutableDictionary(rpm => rpm.Name, _ => folder, StringComparer.Ordinal),
            Images = Image is { } digest
                ? settings.Targets.Select(target => target.Image).Distinct(StringComparer.Ordinal)
                    .ToImmutableDictionary(image => image, _ => new ImagePin(digest, "pinned by release.lock"), StringComparer.Ordinal)
                : ImmutableDictionary<string, ImagePin>.Empty,
            Roots = Pins.Roots,
            Built = Built,
        };
    }

    public ReleasePlan Plan() => Planner.Plan(Inputs());

    public ReleaseException Refusal() => Assert.ThrowsExactly<ReleaseException>(() => Plan());
}
