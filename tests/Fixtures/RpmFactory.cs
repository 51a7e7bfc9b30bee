using System.Collections.Concurrent;
using DotnetRelease.Processes;

namespace DotnetRelease.Fixtures;

/// <summary>What an RPM of a test is made of; equal recipes give the same file within one process.</summary>
/// <param name="Name">Package name.</param>
/// <param name="Version">Version.</param>
public sealed record RpmRecipe(string Name, string Version = "1.0")
{
    /// <summary>Release.</summary>
    public string Release { get; init; } = "1";

    /// <summary>Its architecture: this machine's, or <c>noarch</c>.</summary>
    public string Arch { get; init; } = "noarch";

    /// <summary>More lines for the preamble: <c>Requires:</c>, <c>Epoch:</c>, ….</summary>
    public string Preamble { get; init; } = "";

    /// <summary>Shell lines of <c>%install</c>.</summary>
    public string Install { get; init; } = "mkdir -p %{buildroot}/usr/share/%{name}\necho hello > %{buildroot}/usr/share/%{name}/hello.txt";

    /// <summary>Lines of <c>%files</c>.</summary>
    public string Files { get; init; } = "/usr/share/%{name}";

    /// <summary>Everything after <c>%files</c>: change log, scripts.</summary>
    public string Rest { get; init; } = "%changelog\n* Thu Nov 20 2025 A Tester <a@example.org> - 1.0-1\n- First.\n";

    /// <summary>Macros, <c>NAME VALUE</c> each, one per line.</summary>
    public string Macros { get; init; } = "";
}

/// <summary>The files that came out.</summary>
/// <param name="Binary">The package.</param>
/// <param name="Source">The source package.</param>
public sealed record BuiltRpm(string Binary, string Source);

/// <summary>
/// Makes real RPMs with the system's rpmbuild, as root or not, without the user's macros. Files are shared between tests: copy what
/// you change.
/// </summary>
public static class RpmFactory
{
    private static readonly ConcurrentDictionary<RpmRecipe, Lazy<Task<BuiltRpm>>> Built = new();

    /// <summary>Builds or finds the packages of a recipe.</summary>
    public static Task<BuiltRpm> BuildAsync(RpmRecipe recipe) =>
        Built.GetOrAdd(recipe, wanted => new Lazy<Task<BuiltRpm>>(() => RunAsync(wanted))).Value;

    private static async Task<BuiltRpm> RunAsync(RpmRecipe recipe)
    {
        var top = Leftovers.NewFolder();
        var spec = Path.Combine(top, recipe.Name + ".spec");
        await File.WriteAllTextAsync(spec, Spec(recipe));

        string[] macros =
        [
            $"_topdir {top}", "_buildhost builder.example.org", "debug_package %{nil}", "__os_install_post %{nil}",
            "use_source_date_epoch_as_buildtime 1", "clamp_mtime_to_source_date_epoch 1",
            .. recipe.Macros.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        ];
        var command = new Command("rpmbuild", ["-ba", "--quiet", "--dbpath", Path.Combine(top, "db"), .. macros.SelectMany(macro => (string[])["--define", macro]), spec])
            .With("HOME", top)
            .With("SOURCE_DATE_EPOCH", "1763596800");
        await Exec.ReadAsync(command, CancellationToken.None);
        return new BuiltRpm(
            Directory.EnumerateFiles(Path.Combine(top, "RPMS"), "*.rpm", SearchOption.AllDirectories).Single(),
            Directory.EnumerateFiles(Path.Combine(top, "SRPMS"), "*.rpm").Single());
    }

    private static string Spec(RpmRecipe recipe) => $"""
        Name: {recipe.Name}
        Version: {recipe.Version}
        Release: {recipe.Release}
        Summary: A package for tests
        License: MIT
        BuildArch: {recipe.Arch}
        {recipe.Preamble}

        %description
        It is here to be read, signed and verified.

        %install
        {recipe.Install}

        %files
        {recipe.Files}

        {recipe.Rest}
        """;
}
