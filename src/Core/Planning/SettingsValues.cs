using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using DotnetRelease.Lockfiles;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>The checks of single values. Each gives the checked value or fails with its position.</summary>
internal static partial class SettingsValues
{
    private static readonly string[] Archs = ["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "i686", "armv7hl", "loongarch64"];

    /// <summary>A text that is safe as a name of a file or folder.</summary>
    public static string Name(TomlValue value) => RefuseName(value.AsText()) is { } why ? throw value.Invalid(why) : value.AsText();

    /// <summary>Why a text is not safe as a name, or null when it is.</summary>
    public static string? RefuseName(string name) => SafeName().IsMatch(name)
        ? null
        : $"must be a name of letters, digits, '.', '_', '+' and '-' that starts with a letter or digit, found '{TomlPath.Escape(name)}'.";

    /// <summary>The name of a locked package of any ecosystem: <c>pyside6</c>, <c>@babel/core</c>, <c>golang.org/x/text</c>.</summary>
    public static string PackageName(TomlValue value) => value.AsText() is var name && (Ecosystem.Npm.IsName(name) || Ecosystem.Go.IsName(name))
        ? name
        : throw value.Invalid($"must be the name of a locked package, found '{TomlPath.Escape(name)}'.");

    /// <summary>A path that stays below the settings' folder.</summary>
    public static string LocalPath(TomlValue value)
    {
        var path = value.AsText();
        var segments = path.Split('/');
        var isFine = path.Length > 0 && path[0] is not '/' && !segments.Contains("..", StringComparer.Ordinal)
            && segments.All(segment => segment.Length > 0) && path.All(c => c is not ('\\' or '\0') && !char.IsControl(c));
        return isFine
            ? string.Join('/', segments.Where(segment => segment is not "."))
            : throw value.Invalid($"must be a path below the folder of {Settings.FileName}, with forward slashes, found '{TomlPath.Escape(path)}'.");
    }

    /// <summary>An array of texts without repetition, each put through a check.</summary>
    public static ImmutableArray<string> Distinct(TomlTable table, string key, Func<TomlValue, string> check)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var item in table.OptionalArray(key)?.Items ?? [])
        {
            var text = check(item);
            if (found.Contains(text))
            {
                throw item.Invalid($"names '{text}' a second time.");
            }

            found.Add(text);
        }

        return found.ToImmutable();
    }

    /// <summary>A name of ours, or what rpm itself takes; the default when nobody said.</summary>
    public static PayloadCompression Compression(TomlValue? value) => value is null
        ? PayloadCompression.Default
        : PayloadCompression.Find(value.AsText())
            ?? throw value.Invalid($"must be 'default', 'fast', or how rpm spells a compression, 'w19.zstdio' for example, found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>A text with something in it.</summary>
    public static string Filled(TomlValue value) =>
        string.IsNullOrWhiteSpace(value.AsText()) ? throw value.Invalid("must not be empty.") : value.AsText();

    public static string Arch(TomlValue value)
    {
        var arch = value.AsText();
        if (Archs.Contains(arch, StringComparer.Ordinal))
        {
            return arch;
        }

        var meant = arch switch
        {
            "amd64" or "x64" => "x86_64",
            "arm64" => "aarch64",
            _ => Suggestion.For(arch, Archs),
        };
        throw value.Invalid($"must be a machine as RPM names it ({string.Join(", ", Archs)}), found '{TomlPath.Escape(arch)}'."
            + (meant is null ? "" : $" Did you mean '{meant}'?"));
    }

    public static string Fingerprint(TomlValue value)
    {
        var text = value.AsText();
        return FullFingerprint().IsMatch(text)
            ? text.ToUpperInvariant()
            : throw value.Invalid("must be a whole fingerprint, 40 or 64 hex digits without spaces, optionally with '!' behind; "
                + "see 'gpg --list-keys --with-colons --fingerprint'.");
    }

    public static int Days(TomlValue value) =>
        value.AsInteger() is >= 1 and <= 36500 and var days ? (int)days : throw value.Invalid($"must be a number of days from 1 to 36500, found {value.AsInteger()}.");

    /// <summary>A whole number between two others.</summary>
    public static int Count(TomlValue value, int least, int most) =>
        value.AsInteger() is var number && number >= least && number <= most ? (int)number : throw value.Invalid($"must be a number from {least} to {most}, found {number}.");

    /// <summary>A size of memory, in bytes.</summary>
    public static long Memory(TomlValue value) =>
        Limits.TryMemory(value.AsText()) ?? throw value.Invalid($"must be a size of at least 4M, such as \"4G\", found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>A time.</summary>
    public static TimeSpan Time(TomlValue value) =>
        Limits.TryTime(value.AsText()) ?? throw value.Invalid($"must be a time such as \"90s\", \"30m\" or \"6h\", found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>A version of two numbers, which TOML would read as another number without the quotes: 3.10 and 3.1 are not the same.</summary>
    public static (int Major, int Minor) TwoNumbers(TomlValue value, string example) =>
        value.AsText().Split('.') is [var major, var minor]
        && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var x) && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var y)
            ? (x, y)
            : throw value.Invalid($"must be a version of two numbers in quotes such as \"{example}\", found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>A fingerprint that stands for a certificate and not for one key of it.</summary>
    public static string WholeKey(TomlValue value) =>
        Fingerprint(value) is var key && key.EndsWith('!') ? throw value.Invalid("names a certificate, so without '!' behind.") : key;

    public static string Slug(TomlValue value) =>
        GitHubSlug().IsMatch(value.AsText()) ? value.AsText() : throw value.Invalid($"must be owner/name, found '{TomlPath.Escape(value.AsText())}'.");

    public static string Dist(TomlValue value) =>
        DistTag().IsMatch(value.AsText()) ? value.AsText() : throw value.Invalid($"must be a dist tag such as '.fc43', found '{TomlPath.Escape(value.AsText())}'.");

    public static string Host(TomlValue value) =>
        HostName().IsMatch(value.AsText())
            ? value.AsText().ToLowerInvariant()
            : throw value.Invalid($"must be a host name, without scheme and path, found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>Where podman or docker runs. Keys and passwords are ssh's business.</summary>
    public static string EngineHost(TomlValue value) =>
        EngineAddress().IsMatch(value.AsText())
            ? value.AsText()
            : throw value.Invalid($"must be ssh://USER@HOST, unix:///PATH or the name of a connection of podman, found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>Whether a text is the URL of a folder on a web server.</summary>
    public static bool IsWebFolder(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "https" || (url.Scheme is "http" && url.IsLoopback))
        && url is { Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 } && !text.Any(char.IsWhiteSpace);

    /// <summary>The URL of a folder on a web server.</summary>
    public static string WebFolder(TomlValue value) => IsWebFolder(value.AsText())
        ? value.AsText()
        : throw value.Invalid($"must be an https URL without user, query and fragment (http only for this machine), found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>A host, and perhaps a folder below it that images are in.</summary>
    public static string Mirror(TomlValue value) => MirrorPlace().IsMatch(value.AsText())
        ? value.AsText()
        : throw value.Invalid($"must be host[:port][/folder], without scheme and with a folder in lower case, found '{TomlPath.Escape(value.AsText())}'.");

    /// <summary>Whether a text is a host name with an optional port.</summary>
    public static bool IsHost(string text) => HostName().IsMatch(text);

    public static string Image(TomlValue value)
    {
        var image = Filled(value);
        return image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? throw value.Invalid("must be an image reference without spaces.") : image;
    }

    /// <summary>A text whose <c>{…}</c> are all known.</summary>
    public static string Pattern(TomlValue value, params ReadOnlySpan<string> known)
    {
        var text = Filled(value);
        foreach (Match match in Placeholder().Matches(text))
        {
            if (!known.Contains(match.Value))
            {
                throw value.Invalid($"has the unknown placeholder '{TomlPath.Escape(match.Value)}'; known: {string.Join(", ", known.ToArray())}.");
            }
        }

        return text;
    }

    /// <summary>A URL of one of the schemes, without a password.</summary>
    public static SettingsUrl Url(TomlValue value, params ReadOnlySpan<string> schemes)
    {
        var text = value.AsText();
        var shown = TomlPath.Escape(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon > 0 ? text[..colon].ToLowerInvariant() : "";
        if (!schemes.Contains(scheme))
        {
            throw value.Invalid($"must be a URL of {string.Join(", ", schemes.ToArray())}, found '{shown}'.");
        }

        if (scheme is "file")
        {
            return FileUrl().IsMatch(text)
                ? new SettingsUrl("file", text)
                : throw value.Invalid($"must be file:///ABSOLUTE/PATH or file:RELATIVE/PATH, found '{shown}'.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Host.Length is 0 && scheme is not "git+file") || text.Any(char.IsWhiteSpace))
        {
            throw value.Invalid($"is no valid URL: '{shown}'.");
        }

        if (url.UserInfo.Contains(':', StringComparison.Ordinal) || (scheme is "http" or "https" or "git+https" && url.UserInfo.Length > 0))
        {
            throw value.Invalid("must not hold a password or token; secrets come from the environment when they are used.");
        }

        return scheme is not "http" || url.IsLoopback
            ? new SettingsUrl(scheme, text)
            : throw value.Invalid($"must be https; http is only for this machine, found '{shown}'.");
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}\z")]
    private static partial Regex SafeName();

    [GeneratedRegex(@"^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex FullFingerprint();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex GitHubSlug();

    [GeneratedRegex(@"^\.[A-Za-z0-9._+~^]{1,64}\z")]
    private static partial Regex DistTag();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();

    [GeneratedRegex(@"^(ssh://([A-Za-z0-9._-]+@)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?|unix:///[A-Za-z0-9._/-]+|[A-Za-z0-9][A-Za-z0-9._-]{0,127})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex EngineAddress();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*){0,8}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex MirrorPlace();

    [GeneratedRegex(@"\{[^}]*\}?")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^[Ff][Ii][Ll][Ee]:(//(localhost)?/|(?!//)[^?#\x00-\x1f])[^?#\x00-\x1f]*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex FileUrl();
}
