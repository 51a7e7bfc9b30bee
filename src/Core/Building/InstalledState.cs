using System.Collections.Frozen;
using System.Collections.Immutable;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>What can stay behind on a system: files and accounts.</summary>
/// <param name="Tree">The files.</param>
/// <param name="Accounts">Users and groups, as sentences call them.</param>
internal sealed record InstalledState(FileTree Tree, FrozenSet<string> Accounts)
{
    private const uint Ghost = 1 << 6;

    /// <summary>Looks at a system.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.InstallCheckFailed"/>: the image's programs cannot tell.</exception>
    public static async Task<InstalledState> ReadAsync(IContainer container, CancellationToken ct)
    {
        var tree = FileTree.Parse(await ReadAsync(container, new Sandbox(FileTree.Command), ct));
        var (users, groups) = (await AccountsAsync(container, ("/etc/passwd", "user"), ct), await AccountsAsync(container, ("/etc/group", "group"), ct));
        return new(tree, users.Concat(groups).ToFrozenSet(StringComparer.Ordinal));
    }

    /// <summary>
    /// What is different later and belongs to nobody who is installed: caches that a trigger of another package writes are files of that
    /// package, which only its list knows.
    /// </summary>
    public async Task<Remains> RemainsAsync(InstalledState later, IContainer container, CancellationToken ct)
    {
        var (change, accounts) = (Tree.ChangeTo(later.Tree), later.Accounts.Except(Accounts, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        if (change.IsEmpty)
        {
            return new([], [], [.. accounts]);
        }

        var owned = await OwnedAsync(container, ct);
        return new(
            Topmost(change.Added.Where(path => !owned.ContainsKey(path))),
            [.. change.Changed.Concat(change.Removed).Where(path => (owned.GetValueOrDefault(path) & Ghost) is 0).Order(StringComparer.Ordinal)],
            [.. accounts]);
    }

    /// <summary>A folder stands for what is in it.</summary>
    private static ImmutableArray<string> Topmost(IEnumerable<string> paths)
    {
        var all = paths.ToFrozenSet(StringComparer.Ordinal);
        return [.. all.Where(path => !all.Contains(Path.GetDirectoryName(path) ?? "/")).Order(StringComparer.Ordinal)];
    }

    private static async Task<IEnumerable<string>> AccountsAsync(IContainer container, (string File, string Kind) place, CancellationToken ct) =>
        (await ReadAsync(container, new Sandbox("cat", place.File), ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"{place.Kind} '{line.Split(':')[0]}'");

    /// <summary>rpm's flags of every file that a package has.</summary>
    private static async Task<Dictionary<string, uint>> OwnedAsync(IContainer container, CancellationToken ct)
    {
        var owned = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var line in (await ReadAsync(container, new Sandbox("rpm", "-qa", "--qf", @"[%{FILEFLAGS} %{FILENAMES}\n]"), ct)).Split('\n'))
        {
            if (line.Split(' ', 2) is [var number, var path] && uint.TryParse(number, out var flags))
            {
                owned[path] = flags;
            }
        }

        return owned;
    }

    private static async Task<string> ReadAsync(IContainer container, Sandbox sandbox, CancellationToken ct)
    {
        var outcome = await container.ReadAsync(sandbox, ct);
        return outcome.ExitCode is 0
            ? outcome.Output
            : throw new ReleaseException(Fault.InstallCheckFailed, $"'{sandbox.Command[0]}' exited with {outcome.ExitCode} in the container in which packages are installed.") { Transcript = outcome.Error.TrimEnd() };
    }
}

/// <summary>What is left on a system after packages were removed from it.</summary>
/// <param name="Files">That nobody owns.</param>
/// <param name="Changed">Of others, changed or gone.</param>
/// <param name="Accounts">That were made.</param>
internal sealed record Remains(ImmutableArray<string> Files, ImmutableArray<string> Changed, ImmutableArray<string> Accounts);
