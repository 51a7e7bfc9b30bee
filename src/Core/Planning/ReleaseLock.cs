using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>
/// <c>release.lock</c>: what the image names of the settings meant when somebody last asked, and which packages were installed on top to
/// build in. The tool writes it, people review it; with it the same settings build in the same root tomorrow.
/// </summary>
/// <param name="Images">Reference as the settings write it -> digest.</param>
/// <param name="Roots">Which build root -> its packages.</param>
public sealed record ReleaseLock(ImmutableSortedDictionary<string, Digest> Images, ImmutableSortedDictionary<RootKey, RootPackages> Roots)
{
    /// <summary>Name of the file, beside the settings.</summary>
    public const string FileName = "release.lock";

    /// <summary>Images only.</summary>
    private const long FirstVersion = 1;

    /// <summary>With build roots. A lock without any is written as the first version, which older releases of the tool read too.</summary>
    private const long FormatVersion = 2;

    /// <summary>Nothing is pinned.</summary>
    public static ReleaseLock Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, Digest>(StringComparer.Ordinal), ImmutableSortedDictionary.Create<RootKey, RootPackages>(RootKey.Order));

    /// <summary>Whether nothing is pinned.</summary>
    public bool IsEmpty => Images.IsEmpty && Roots.IsEmpty;

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/> or <see cref="Fault.SettingsInvalid"/>, with the position.</exception>
    public static ReleaseLock Parse(ReadOnlySpan<byte> utf8, string path) => Read(TomlReader.Parse(utf8, path, Fault.SettingsInvalid));

    /// <summary>Reads a file that is text already.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string)"/>
    public static ReleaseLock Parse(string text, string path) => Read(TomlReader.Parse(text, path, Fault.SettingsInvalid));

    /// <summary>With one more image pinned, or one pinned to another digest.</summary>
    public ReleaseLock With(string reference, Digest digest) => this with { Images = Images.SetItem(reference, digest) };

    /// <summary>With the packages of one more build root, or other packages of one.</summary>
    public ReleaseLock With(RootKey root, RootPackages packages) => this with { Roots = Roots.SetItem(root, packages) };

    /// <summary>Without images and roots that the settings no longer name, so that the file does not collect dead lines.</summary>
    public ReleaseLock Only(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var named = settings.Targets.Select(target => target.Image).ToHashSet(StringComparer.Ordinal);
        return new(Images.RemoveRange(Images.Keys.Where(reference => !named.Contains(reference))), Roots.RemoveRange(Roots.Keys.Where(root => !IsNamed(root, settings))));
    }

    /// <summary>The whole file: sorted, the same text for the same content.</summary>
    public string ToText()
    {
        var text = new StringBuilder()
            .Append("# Written by 'dotnet release'; commit it and review its changes like code.\n")
            .Append("# Which image each name of release.toml stands for");
        text.Append(Roots.IsEmpty ? ". Remove a line to have its name looked up again.\n" : ", and the packages of each build root.\n# 'dotnet release lock update' looks for newer ones.\n")
            .Append("version = ").Append(Roots.IsEmpty ? FirstVersion : FormatVersion).Append('\n');
        if (!Images.IsEmpty)
        {
            text.Append("\n[images]\n");
        }

        foreach (var (reference, digest) in Images)
        {
            text.Append(PinText.Quoted(reference)).Append(" = \"").Append(digest).Append("\"\n");
        }

        LockedRoots.Write(text, Roots);
        return text.ToString();
    }

    private static ReleaseLock Read(TomlTable root)
    {
        var version = root.Value("version");
        if (version.AsInteger() is not (FirstVersion or FormatVersion))
        {
            throw version.Invalid($"is {version.AsInteger()}; this release of the tool reads version {FirstVersion} and {FormatVersion}.");
        }

        SettingsKeys.RefuseUnknown(root, version.AsInteger() is FirstVersion ? ["version", "images"] : ["version", "images", "roots"]);

        var images = Empty.Images.ToBuilder();
        foreach (var entry in root.OptionalTable("images")?.Entries ?? [])
        {
            images[entry.Key] = PinText.DigestOf(entry.Value);
        }

        return new(images.ToImmutable(), LockedRoots.Read(root.OptionalTable("roots")));
    }

    private static bool IsNamed(RootKey root, Settings settings) =>
        settings.FindTarget(root.Target) is { } target && target.Archs.Contains(root.Arch, StringComparer.Ordinal)
        && settings.Rpms.Any(rpm => rpm.Name == root.Rpm && rpm.Targets.Contains(root.Target, StringComparer.Ordinal));
}
