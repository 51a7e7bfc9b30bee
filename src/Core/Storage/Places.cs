namespace DotnetRelease.Storage;

/// <summary>Where this user's shared files live. Both folders may be deleted at any time; they are filled again.</summary>
/// <param name="Cache">Downloads and images: <c>DOTNET_RELEASE_CACHE</c> or <c>$XDG_CACHE_HOME/dotnet-release</c>.</param>
/// <param name="Data">Unpacked layers and prepared build roots: <c>DOTNET_RELEASE_DATA</c> or <c>$XDG_DATA_HOME/dotnet-release</c>.</param>
public sealed record Places(string Cache, string Data)
{
    /// <summary>The places of the current user's environment.</summary>
    public static Places FromEnvironment() => new(
        Find("DOTNET_RELEASE_CACHE", "XDG_CACHE_HOME", ".cache"),
        Find("DOTNET_RELEASE_DATA", "XDG_DATA_HOME", ".local/share"));

    private static string Find(string own, string xdg, string underHome)
    {
        if (Environment.GetEnvironmentVariable(own) is { Length: > 0 } exact)
        {
            return Path.GetFullPath(exact);
        }

        // XDG: a relative value is invalid and has to be ignored.
        var shared = Environment.GetEnvironmentVariable(xdg) is { Length: > 0 } value && Path.IsPathRooted(value)
            ? value
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), underHome);
        return Path.Combine(shared, "dotnet-release");
    }
}
