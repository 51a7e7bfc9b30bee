using System.Collections.Frozen;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What a distro's reviewers refuse in a package, seen in its header: rights that are too narrow or too wide, folders that belong to the
/// system, traces of the build, a change log that is a template. Raises alarms and accepts none.
/// </summary>
/// <param name="package">A package that was built; source packages have only the change log.</param>
/// <param name="spec">Where the spec is: nearly every finding is mended there.</param>
/// <param name="dist">What <c>%{?dist}</c> has to be; null when nobody knows.</param>
internal sealed class PackagePolicy(RpmPackage package, SourcePosition spec, string? dist)
{
    private const int Permissions = 0xFFF, SetBits = 0xC00, Sticky = 0x200, OthersRead = 0x4, OthersWrite = 0x2, OthersEnter = 0x1;

    /// <summary>Folders that the filesystem package or an interpreter owns. Who owns one too, removes or renames it for all.</summary>
    private static readonly FrozenSet<string> Foreign = FrozenSet.Create(
        StringComparer.Ordinal,
        "/", "/bin", "/boot", "/dev", "/etc", "/etc/cron.d", "/etc/logrotate.d", "/etc/profile.d", "/etc/systemd", "/etc/systemd/system", "/etc/xdg", "/etc/xdg/autostart",
        "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/games", "/usr/include",
        "/usr/lib", "/usr/lib64", "/usr/lib/debug", "/usr/lib/modules", "/usr/lib/sysusers.d", "/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/lib/systemd/user",
        "/usr/lib/tmpfiles.d", "/usr/lib/udev", "/usr/lib/udev/rules.d", "/usr/libexec", "/usr/local", "/usr/local/bin", "/usr/sbin", "/usr/share", "/usr/share/aclocal",
        "/usr/share/appdata", "/usr/share/applications", "/usr/share/backgrounds", "/usr/share/bash-completion", "/usr/share/bash-completion/completions", "/usr/share/dict",
        "/usr/share/doc", "/usr/share/fish", "/usr/share/fish/vendor_completions.d", "/usr/share/help", "/usr/share/icons", "/usr/share/info", "/usr/share/licenses",
        "/usr/share/locale", "/usr/share/metainfo", "/usr/share/mime", "/usr/share/mime/packages", "/usr/share/pixmaps", "/usr/share/sounds", "/usr/share/themes",
        "/usr/share/wayland-sessions", "/usr/share/xsessions", "/usr/share/zsh", "/usr/share/zsh/site-functions", "/usr/src", "/var", "/var/cache", "/var/lib", "/var/log",
        "/var/spool", "/var/tmp");

    private static readonly string[] Templates = ["john doe", "jane doe", "your name", "packager@example", "@localhost"];

    /// <summary>Everything that is wrong with it, in the order of the ids.</summary>
    public IEnumerable<Alarm> Alarms() => package.IsSource ? OfChangelog() : [.. OfDist(), .. package.Files.SelectMany(OfFile), .. OfScriptlets(), .. OfChangelog()];

    private IEnumerable<Alarm> OfDist()
    {
        // A spec without %{?dist} is the same everywhere, which a package of scripts or data may be.
        var said = package.Nevra.Release.Split('.').FirstOrDefault(part => part.Length > 2 && part[..2] is "fc" or "el" && part[2..].All(char.IsAsciiDigit));
        if (dist is not null && said is not null && dist != "." + said)
        {
            yield return Alarm(AlarmKind.DistDiffers, null, $"the release is {package.Nevra.Release}, but packages of this target end in '{dist}'. Is the image the one that the target is named after?");
        }
    }

    private IEnumerable<Alarm> OfFile(RpmFileEntry file)
    {
        var (isRegular, path) = (file.IsRegular, file.Path);
        if (isRegular && (file.Mode & OthersRead) is 0 && !IsPrivate(file))
        {
            yield return Alarm(AlarmKind.FileClosed, path, $"'{path}' has the mode {Octal(file)}: users of the package cannot read it. Files from a private umask get 0644 by %attr, or by chmod in %install.");
        }

        if (file.IsDirectory && (file.Mode & OthersEnter) is 0 && IsForAll(path))
        {
            yield return Alarm(AlarmKind.FileClosed, path, $"the folder '{path}' has the mode {Octal(file)}: users of the package reach nothing in it. Folders from a private umask get 0755 by %attr, or by install -d in %install.");
        }

        if (!file.IsSymbolicLink && (file.Mode & OthersWrite) is not 0 && (isRegular || (file.Mode & Sticky) is 0))
        {
            yield return Alarm(AlarmKind.FileOpen, path, $"'{path}' has the mode {Octal(file)}: every user can change it.");
        }

        if (isRegular && (file.Mode & SetBits) is not 0)
        {
            yield return Alarm(AlarmKind.FileSetuid, path, $"'{path}' has the mode {Octal(file)} and runs as {file.User}:{file.Group} for whoever starts it.");
        }

        if (file.Capabilities.Length > 0)
        {
            yield return Alarm(AlarmKind.FileSetuid, path, $"'{path}' has the capabilities {file.Capabilities} for whoever starts it.");
        }

        if (file.IsDirectory && IsForeign(path))
        {
            yield return Alarm(AlarmKind.FolderForeign, path, $"it owns the folder '{path}', which belongs to the system. List what is in it under %files, not the folder.");
        }

        if (path.Contains(BuildMacros.BuildFolder, StringComparison.Ordinal) || file.LinkTarget.Contains(BuildMacros.BuildFolder, StringComparison.Ordinal))
        {
            yield return Alarm(AlarmKind.BuildPath, path, $"'{path}' {(file.IsSymbolicLink ? $"points to {file.LinkTarget}" : "lies there")}, a folder that exists only while it is built.");
        }
    }

    private IEnumerable<Alarm> OfScriptlets() =>
        from scriptlet in RpmScriptlet.Texts(package)
        where scriptlet.Value.Contains(BuildMacros.BuildFolder, StringComparison.Ordinal)
        select Alarm(AlarmKind.BuildPath, scriptlet.Key, $"its {scriptlet.Key} names {BuildMacros.BuildFolder}, a folder that exists only while it is built.");

    private IEnumerable<Alarm> OfChangelog()
    {
        if (package.Changelog is not [var newest, ..])
        {
            yield return Alarm(AlarmKind.ChangelogUnreal, null, "it has no change log; 'dotnet release spec update' writes an entry.");
            yield break;
        }

        if (Templates.Any(template => newest.Author.Contains(template, StringComparison.OrdinalIgnoreCase)))
        {
            yield return Alarm(AlarmKind.ChangelogUnreal, null, $"the newest entry of its change log is by '{newest.Author}', which is a template.");
        }
        else if (newest.Author.Split(' ')[^1] is var version && version.Length > 0 && char.IsAsciiDigit(version[0]) && Evr.Parse(version).Version != package.Nevra.Version)
        {
            yield return Alarm(AlarmKind.ChangelogUnreal, null, $"the newest entry of its change log is about {version}, but this is {package.Nevra.Version}.");
        }
    }

    /// <summary>Secrets of a service are configuration, or made at run time.</summary>
    private static bool IsPrivate(RpmFileEntry file) => file.IsConfig || file.IsGhost || file.Path.StartsWith("/etc/", StringComparison.Ordinal);

    /// <summary>State of a service may be closed, below /var and /etc; what was installed to be used may not.</summary>
    private static bool IsForAll(string path) => path.StartsWith("/usr/", StringComparison.Ordinal) || path.StartsWith("/opt/", StringComparison.Ordinal);

    private static bool IsForeign(string path)
    {
        // /usr/lib/python3.13 and its site-packages; all folders of manual pages, of translations and of the icon theme that every other one falls back to.
        var segments = path.Split('/');
        return Foreign.Contains(path)
            || segments is ["", "usr", "share", "man", ..] or ["", "usr", "share", "locale", _] or ["", "usr", "share", "locale", _, "LC_MESSAGES"] or ["", "usr", "share", "icons", "hicolor", ..]
            || (segments is ["", "usr", "lib" or "lib64", var python, .. var rest] && python.StartsWith("python3", StringComparison.Ordinal) && rest is [] or ["site-packages"]);
    }

    private static string Octal(RpmFileEntry file) => Convert.ToString(file.Mode & Permissions, 8).PadLeft(4, '0');

    private Alarm Alarm(AlarmKind kind, string? file, string text) =>
        new(kind, package.Nevra.Name, spec, $"{package.Nevra}: {text}") { Version = package.Nevra.Version, File = file };
}
