namespace DotnetRelease.Fixtures;

/// <summary>The checkout that the tests were built from.</summary>
public static class Checkout
{
    /// <summary>The folder that holds Release.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A path below <see cref="Root"/>.</summary>
    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The pages for people: README, CONTRIBUTING, docs, and those of the samples.</summary>
    public static IEnumerable<string> Pages() =>
    [
        At("README.md"), At("CONTRIBUTING.md"), .. Directory.EnumerateFiles(At("docs"), "*.md"),
        .. Directory.EnumerateDirectories(At("samples")).Select(sample => Path.Combine(sample, "README.md")).Where(File.Exists),
    ];

    private static string Find(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Release.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException("The tests run outside a checkout: no Release.sln above them.");
    }
}
