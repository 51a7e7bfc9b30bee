using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>
/// <c>release.lock</c>: what the image names of the settings meant when somebody last asked. The tool writes it, people review it; with it
/// the same settings build in the same image tomorrow.
/// </summary>
/// <param name="Images">Reference as the settings write it -> digest.</param>
public sealed record ReleaseLock(ImmutableSortedDictionary<string, Digest> Images)
{
    /// <summary>Name of the file, beside the settings.</summary>
    public const string FileName = "release.lock";

    private const long FormatVersion = 1;

    /// <summary>Nothing is pinned.</summary>
    public static ReleaseLock Empty { get; } = new(ImmutableSortedDictionary.Create<string, Digest>(StringComparer.Ordinal));

    /// <summary>Reads the file's bytes.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.TomlSyntax"/> or <see cref="Fault.SettingsInvalid"/>, with the position.</exception>
    public static ReleaseLock Parse(ReadOnlySpan<byte> utf8, string path) => Read(TomlReader.Parse(utf8, path, Fault.SettingsInvalid));

    /// <summary>Reads a file that is text already.</summary>
    /// <inheritdoc cref="Parse(ReadOnlySpan{byte}, string)"/>
    public static ReleaseLock Parse(string text, string path) => Read(TomlReader.Parse(text, path, Fault.SettingsInvalid));

    /// <summary>With one more image pinned, or one pinned to another digest.</summary>
    public ReleaseLock With(string reference, Digest digest) => new(Images.SetItem(reference, digest));

    /// <summary>Without images that the settings no longer name, so that the file does not collect dead lines.</summary>
    public ReleaseLock Only(Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var named = settings.Targets.Select(target => target.Image).ToHashSet(StringComparer.Ordinal);
        return new(Images.RemoveRange(Images.Keys.Where(reference => !named.Contains(reference))));
    }

    /// <summary>The whole file: sorted, the same text for the same content.</summary>
    public string ToText()
    {
        var text = new StringBuilder()
            .Append("# Written by 'dotnet release'; commit it and review its changes like code.\n")
            .Append("# Which image each name of release.toml stands for. Remove a line to have its name looked up again.\n")
            .Append("version = ").Append(FormatVersion).Append('\n');
        if (!Images.IsEmpty)
        {
            text.Append("\n[images]\n");
        }

        foreach (var (reference, digest) in Images)
        {
            text.Append(Quoted(reference)).Append(" = \"").Append(digest).Append("\"\n");
        }

        return text.ToString();
    }

    private static ReleaseLock Read(TomlTable root)
    {
        SettingsKeys.RefuseUnknown(root, ["version", "images"]);
        var version = root.Value("version");
        if (version.AsInteger() is not FormatVersion)
        {
            throw version.Invalid($"is {version.AsInteger()}; this release of the tool reads version {FormatVersion}.");
        }

        var images = Empty.Images.ToBuilder();
        foreach (var entry in root.OptionalTable("images")?.Entries ?? [])
        {
            images[entry.Key] = Digest.TryParse(entry.Value.AsText(), out var digest) && entry.Value.AsText().StartsWith("sha256:", StringComparison.Ordinal)
                ? digest
                : throw entry.Value.Invalid("must be 'sha256:' and 64 lower-case hex digits.");
        }

        return new(images.ToImmutable());
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                _ when char.IsControl(c) => quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
