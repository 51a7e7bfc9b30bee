using DotnetRelease.Planning;

namespace DotnetRelease.Tool;

/// <summary>The settings of a run: the file that <c>--config</c> names, else the first <c>release.toml</c> from the folder upwards.</summary>
internal static class SettingsFile
{
    private const long MaxSize = 1024 * 1024;

    /// <summary>Null when no file was named and none is found.</summary>
    /// <exception cref="ReleaseException">The named file is missing, or the file is no good.</exception>
    public static Settings? TryRead(Session session)
    {
        var path = session.Config is { } named ? session.Resolve(named) : FindUpwards(session.Folder);
        if (path is null)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            throw new ReleaseException(Fault.SettingsMissing, $"There is no settings file '{path}'.");
        }

        return new FileInfo(path).Length <= MaxSize
            ? Settings.Parse(File.ReadAllBytes(path), path)
            : throw new ReleaseException(Fault.InputTooLarge, $"'{path}' has more than {MaxSize} bytes.");
    }

    private static string? FindUpwards(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, Settings.FileName);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
