using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Facts;

namespace DotnetRelease.Runs;

/// <summary>Where the packages of a project are now.</summary>
/// <param name="Packages">One for each RPM and target, in the order of the settings; then what is only known from elsewhere.</param>
public sealed record ReleaseStatus(ImmutableArray<PackageStatus> Packages)
{
    /// <summary>Tags that were refused and not accepted since, newest last.</summary>
    public ImmutableArray<Fact> Refusals { get; init; } = [];

    /// <summary>What went wrong last and was not made good since; null: nothing.</summary>
    public Fact? Failure { get; init; }

    /// <summary>What is not as it was released and belongs to no package: assets, a repository as a whole.</summary>
    public ImmutableArray<Drift> Drift { get; init; } = [];

    /// <summary>Everything that is not as it was released.</summary>
    public IEnumerable<Drift> AllDrift => Drift.Concat(Packages.SelectMany(package => package.Drift));

    /// <summary>The properties of the document that <c>status --json</c> prints.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteItems("packages", Packages, package => package.WriteTo(json));
        Runs.Drift.WriteAll(json, Drift);
        json.WriteItems("refusedTags", Refusals, refusal =>
        {
            json.WriteString("tag", refusal.Details.GetValueOrDefault(FactDetail.Tag));
            json.WriteString("at", refusal.At);
            json.WriteString("who", refusal.Who);
            json.WriteString("id", refusal.Details.GetValueOrDefault(FactDetail.Id));
            json.WriteString("why", refusal.Details.GetValueOrDefault(FactDetail.Why));
        });
    }
}

/// <summary>Where one RPM is on one target.</summary>
/// <param name="Name">The settings' name of the RPM, or the package's own where no setting knows it.</param>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Version">Version, as planned or as found.</param>
/// <param name="State">How far all of its files have come.</param>
public sealed record PackageStatus(string Name, string Target, string Version, PackageState State)
{
    /// <summary>Where that is: a folder, an address.</summary>
    public string Where { get; init; } = "";

    /// <summary>Its files; those to install first.</summary>
    public ImmutableArray<FileStatus> Files { get; init; } = [];

    /// <summary>What is not as it was released.</summary>
    public ImmutableArray<Drift> Drift { get; init; } = [];

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("name", Name);
        json.WriteString("target", Target);
        json.WriteString("version", Version);
        json.WriteString("state", WordOf(State));
        json.WriteString("sha256", Files is [var main, ..] ? main.Sha256?.Hex : null);
        json.WriteString("where", Where);
        Runs.Drift.WriteAll(json, Drift);
        json.WriteItems("files", Files, file =>
        {
            json.WriteString("file", file.Name);
            json.WriteString("state", WordOf(file.State));
            json.WriteString("sha256", file.Sha256?.Hex);
            json.WriteString("where", file.Where);
        });
    }

    /// <summary>The word of a state.</summary>
    public static string WordOf(PackageState state) => state switch
    {
        PackageState.Planned => "planned",
        PackageState.Built => "built",
        PackageState.Signed => "signed",
        PackageState.Published => "published",
        _ => "live",
    };
}

/// <summary>How far a package has come.</summary>
public enum PackageState
{
    /// <summary>It has to be built.</summary>
    Planned,

    /// <summary>It is in the result folder.</summary>
    Built,

    /// <summary>It is signed by the project's key.</summary>
#pragma warning disable CA1720 // Signed with a key, not a signed integer.
    Signed,
#pragma warning restore CA1720

    /// <summary>The first repository serves it.</summary>
    Published,

    /// <summary>The repository that users install from serves it.</summary>
    Live,
}

/// <summary>One file of a package.</summary>
/// <param name="Name">File name.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Sha256">Of its bytes; null when it is not there yet.</param>
/// <param name="Where">Where it is.</param>
public sealed record FileStatus(string Name, PackageState State, Digest? Sha256, string Where);

/// <summary>Something that is not as it was released.</summary>
/// <param name="Kind"><c>missing</c>, <c>different</c>, <c>extra</c>, <c>rolled-back</c> or <c>unreadable</c>.</param>
/// <param name="Where">The repository and target, or the release.</param>
/// <param name="Text">A full sentence with both digests.</param>
public sealed record Drift(string Kind, string Where, string Text)
{
    internal static void WriteAll(Utf8JsonWriter json, ImmutableArray<Drift> drift) => json.WriteItems("drift", drift, each =>
    {
        json.WriteString("kind", each.Kind);
        json.WriteString("where", each.Where);
        json.WriteString("text", each.Text);
    });
}
