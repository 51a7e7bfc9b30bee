using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>A <c>release.toml</c> that was read completely: every name, reference and value in it was checked.</summary>
/// <param name="Path">As the user gave it; paths and relative <c>file:</c> URLs in it are relative to its folder.</param>
/// <param name="Project">The project.</param>
public sealed record Settings(string Path, ProjectSettings Project)
{
    /// <summary>Name of the file that is looked for.</summary>
    public const string FileName = "release.toml";

    /// <summary>A build that hangs has to end some day.</summary>
    public static Limits DefaultLimits { get; } = new() { Time = TimeSpan.FromHours(6) };

    /// <summary>The RPMs, in the order of the file.</summary>
    public ImmutableArray<RpmSettings> Rpms { get; init; } = [];

    /// <summary>The distros, in the order of the file.</summary>
    public ImmutableArray<TargetSettings> Targets { get; init; } = [];

    /// <summary>Where sources come from.</summary>
    public SourceSettings Sources { get; init; } = SourceSettings.Default;

    /// <summary>What runs the containers: <c>embedded</c>, <c>podman</c> or <c>docker</c>; null when nobody said.</summary>
    public string? Engine { get; init; }

    /// <summary>How many builds run at once; null: as many as the machine can hold.</summary>
    public int? Jobs { get; init; }

    /// <summary>How the files of packages are compressed.</summary>
    public PayloadCompression Compression { get; init; } = PayloadCompression.Default;

    /// <summary>Registries of images that something is said about, in the order of the file.</summary>
    public ImmutableArray<RegistrySettings> Registries { get; init; } = [];

    /// <summary>Who signs, or null.</summary>
    public SigningSettings? Signing { get; init; }

    /// <summary>The dnf repositories, in the order of the file.</summary>
    public ImmutableArray<RepositorySettings> Repositories { get; init; } = [];

    /// <summary>Releases on GitHub.</summary>
    public GitHubSettings GitHub { get; init; } = GitHubSettings.Default;

    /// <summary>The gate between testers and users, or null.</summary>
    public QaSettings? Qa { get; init; }

    /// <summary>How much of the machine each step of a build may use.</summary>
    public Limits Limits { get; init; } = DefaultLimits;

    /// <summary>Alarms about the lockfiles that somebody looked at, in the order of the file.</summary>
    public ImmutableArray<AlarmAcceptance> Accepted { get; init; } = [];

    /// <summary>Reads a settings file.</summary>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TomlSyntax"/>, <see cref="Fault.SettingsInvalid"/> or <see cref="Fault.SettingsUnknownKey"/>, with the position.
    /// </exception>
    public static Settings Parse(ReadOnlySpan<byte> utf8, string path) =>
        SettingsReader.Read(TomlReader.Parse(utf8, path, Fault.SettingsInvalid), path);

    /// <summary>Reads settings that are text already.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string)"/>
    public static Settings Parse(string text, string path) =>
        SettingsReader.Read(TomlReader.Parse(text, path, Fault.SettingsInvalid), path);

    /// <summary>The target of a name, or null.</summary>
    public TargetSettings? FindTarget(string name) => Targets.FirstOrDefault(target => target.Name == name);

    /// <summary>The repository of a name, or null.</summary>
    public RepositorySettings? FindRepository(string name) => Repositories.FirstOrDefault(repository => repository.Name == name);
}

/// <summary><c>[project]</c></summary>
/// <param name="Name">One path segment.</param>
public sealed record ProjectSettings(string Name)
{
    /// <summary><c>owner/name</c> on GitHub, or null.</summary>
    public string? GitHub { get; init; }

    /// <summary>Paths relative to the settings' folder.</summary>
    public ImmutableArray<string> Lockfiles { get; init; } = [];

    /// <summary>Form of release tags, with <c>{version}</c> in it.</summary>
    public string TagPattern { get; init; } = "v{version}";

    /// <summary>Files that have the project's version in them, relative to the settings' folder; a release tag has to agree with each.</summary>
    public ImmutableArray<string> VersionFiles { get; init; } = [];

    /// <summary>Days that a locked version has to have been public before it is built; null: any age will do.</summary>
    public int? Cooldown { get; init; }
}

/// <summary>One <c>[[rpm]]</c>.</summary>
/// <param name="Name">One path segment.</param>
/// <param name="Spec">Path relative to the settings' folder.</param>
/// <param name="Targets">Names of targets; all of them exist.</param>
/// <param name="Position">Where it stands.</param>
public sealed record RpmSettings(string Name, string Spec, ImmutableArray<string> Targets, SourcePosition Position)
{
    /// <summary>Locked packages, normalised; a bump of one means a rebuild.</summary>
    public ImmutableArray<string> Follows { get; init; } = [];

    /// <summary>The package whose locked version is the RPM's <c>Version</c>; null when the spec decides it itself.</summary>
    public string? VersionOf { get; init; }

    /// <summary>Which version counts where the lock has several of <see cref="VersionOf"/>; null when nobody said.</summary>
    public VersionSelect? VersionSelect { get; init; }

    /// <summary>Commands that an ordinary user runs after the packages were installed; null: they are not installed to see whether that works.</summary>
    public ImmutableArray<string>? Smoke { get; init; }

    /// <summary>Where sources come from that no lock covers, in the order of the file.</summary>
    public ImmutableArray<SourceRule> Sources { get; init; } = [];

    /// <summary>The rule about a file, or null.</summary>
    public SourceRule? RuleOf(string file) => Sources.FirstOrDefault(rule => rule.VersionIn(file) is not null);
}

/// <summary>Which of several locked versions of one package counts.</summary>
public enum VersionSelect
{
    /// <summary>The newest.</summary>
    Highest,

    /// <summary>The oldest.</summary>
    Lowest,
}

/// <summary>One <c>[target.NAME]</c>: a distro to build for.</summary>
/// <param name="Name">One path segment.</param>
/// <param name="Image">Reference as written.</param>
/// <param name="Position">Where the reference stands.</param>
public sealed record TargetSettings(string Name, string Image, SourcePosition Position)
{
    /// <summary>Machines, in RPM's names.</summary>
    public ImmutableArray<string> Archs { get; init; } = ["x86_64"];

    /// <summary>End of life: no builds after this day.</summary>
    public DateOnly? Eol { get; init; }

    /// <summary>The same with what it means; null when nobody said.</summary>
    public EndOfLife? EndOfLife => Eol is { } day ? new EndOfLife(day) : null;

    /// <summary>What <c>%{?dist}</c> is there, for example <c>.fc43</c>; null when nobody said.</summary>
    public string? Dist { get; init; }

    /// <summary>The version of its glibc; null when nobody said.</summary>
    public (int Major, int Minor)? Glibc { get; init; }

    /// <summary>The version of its <c>python3</c>; null when nobody said.</summary>
    public (int Major, int Minor)? Python { get; init; }

    /// <summary>Where podman or docker runs for it: a URL, or the name of a connection of podman; null: here.</summary>
    public string? EngineHost { get; init; }

    /// <summary>Commands that install build requirements, <c>{spec}</c> stands for the spec; empty: by the image's package manager.</summary>
    public ImmutableArray<string> Prepare { get; init; } = [];
}

/// <summary>One <c>[registry."HOST"]</c>.</summary>
/// <param name="Name">Host and perhaps port, as images name it.</param>
public sealed record RegistrySettings(string Name)
{
    /// <summary><c>host[:port][/folder]</c> of places that are asked first for what is known by its digest.</summary>
    public ImmutableArray<string> Mirrors { get; init; } = [];

    /// <summary><c>host[:port]</c> of token servers that may see the user's login for the registry.</summary>
    public ImmutableArray<string> TokenServers { get; init; } = [];
}

/// <summary><c>[sources]</c></summary>
/// <param name="Index">A PEP 503/691 index.</param>
/// <param name="AllowHosts">Hosts besides the index's own that files may come from.</param>
public sealed record SourceSettings(SettingsUrl Index, ImmutableArray<string> AllowHosts)
{
    /// <summary>URLs, and by each the URLs that have the same below them, in the order in which they are asked.</summary>
    public ImmutableArray<KeyValuePair<string, ImmutableArray<string>>> Mirrors { get; init; } = [];

    /// <summary>The public Python index and its file host.</summary>
    public static SourceSettings Default { get; } = new(new SettingsUrl("https", "https://pypi.org/simple"), ["files.pythonhosted.org"]);
}

/// <summary><c>[signing]</c></summary>
/// <param name="Key">A whole fingerprint in upper-case hex; a trailing <c>!</c> picks exactly that (sub)key.</param>
public sealed record SigningSettings(string Key)
{
    /// <summary>The key that will sign later: clients get to know it now, and nothing is signed with it yet; null for none.</summary>
    public string? NextKey { get; init; }

    /// <summary>Keys that signed before: clients keep them as long as something of theirs is published.</summary>
    public ImmutableArray<string> PreviousKeys { get; init; } = [];

    /// <summary>Fingerprints of the keys besides <see cref="Key"/> that clients are to know.</summary>
    public ImmutableArray<string> Companions => [.. NextKey is null ? [] : (string[])[NextKey], .. PreviousKeys];

    /// <summary>Says no to a signature with a key that clients may not have yet.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyRefused"/>.</exception>
    public void RefuseUnknownToClients(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.Equals(name.TrimEnd('!'), NextKey, StringComparison.OrdinalIgnoreCase))
        {
            throw new ReleaseException(Fault.KeyRefused, $"Key {NextKey} is signing.next-key: clients may not know it yet, so nothing is signed with it.")
            {
                Remedy = "Publish, give clients time to fetch it, then make it signing.key and the old one one of signing.previous-keys.",
            };
        }
    }
}

/// <summary>One <c>[repository.NAME]</c>.</summary>
/// <param name="Name">One path segment.</param>
/// <param name="Url">Where it is written to. Which schemes can be written is the publisher's to say.</param>
/// <param name="Position">Where the URL stands.</param>
public sealed record RepositorySettings(string Name, SettingsUrl Url, SourcePosition Position)
{
    /// <summary>Folder of one target below the URL, with <c>{project}</c>, <c>{target}</c> and <c>{arch}</c>.</summary>
    public string Layout { get; init; } = "{project}/{target}";

    /// <summary>Where clients find it; null when that is <see cref="Url"/> itself.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>The repository whose packages are promoted to this one, or null.</summary>
    public string? PromoteFrom { get; init; }

    /// <summary>How metadata is compressed: <c>gzip</c> or <c>zstd</c>.</summary>
    public string Compression { get; init; } = "gzip";

    /// <summary>Whether <c>updateinfo.xml</c> is made from changelogs; null: unless another tool's is there.</summary>
    public bool? Updateinfo { get; init; }

    /// <summary>Addresses that the key once had, and that clients still ask.</summary>
    public ImmutableArray<Uri> KeyUrls { get; init; } = [];

    /// <summary>When nobody vouched for the repository for so many days, that is worth a warning.</summary>
    public int FreezeDays { get; init; } = 90;
}

/// <summary><c>[github]</c></summary>
/// <param name="Draft">Releases start as drafts.</param>
/// <param name="Assets">Globs relative to the settings' folder.</param>
public sealed record GitHubSettings(bool Draft, ImmutableArray<string> Assets)
{
    /// <summary>A file that holds the token, absolute, below <c>~/</c>, or relative to the settings' folder; null: none.</summary>
    public string? TokenFile { get; init; }

    /// <summary><c>changelog</c>, <c>pulls</c>, or the path of a template; null: the changelog where there is one.</summary>
    public string? Notes { get; init; }

    /// <summary>Drafts, without assets.</summary>
    public static GitHubSettings Default { get; } = new(true, []);
}

/// <summary><c>[qa]</c></summary>
/// <param name="Statement">Path of the testers' signed statement, relative to the settings' folder, with <c>{version}</c> in it.</param>
public sealed record QaSettings(string Statement);
