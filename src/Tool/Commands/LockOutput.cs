using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DotnetRelease.Planning;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>How a renewed <c>release.lock</c> is told.</summary>
internal static class LockOutput
{
    /// <summary>What would be done.</summary>
    public static void ShowActions(Session session, ImmutableArray<string> actions)
    {
        if (session.Json)
        {
            session.WriteJson(json => json.WriteStrings("actions", actions));
            return;
        }

        foreach (var action in actions)
        {
            session.Output.WriteLine($"would {action}");
        }
    }

    /// <summary>What is other than before.</summary>
    public static void Show(Session session, LockUpdate update)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, update));
            return;
        }

        foreach (var image in update.Images)
        {
            session.Output.WriteLine($"{image.Reference}: {image.From?.ToString() ?? "not pinned"} -> {image.To?.ToString() ?? "no longer named"}");
        }

        foreach (var root in update.Roots)
        {
            Show(session, root, update);
        }

        session.Output.WriteLine(update.IsChanged
            ? $"{ReleaseLock.FileName} is written. Review it and commit it: git diff {ReleaseLock.FileName}"
            : $"{ReleaseLock.FileName} is up to date.");
    }

    private static void Show(Session session, RootChange root, LockUpdate update)
    {
        var names = string.Join(", ", root.Roots.Select(key => key.Rpm));
        var where = $"{names} on {root.Roots[0].Target} ({root.Roots[0].Arch})";
        if (root.IsNew || root.IsGone)
        {
            // Hundreds of lines that say nothing but that there were none before.
            session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{where}: {root.Changes.Length} packages {(root.IsNew ? "locked" : "no longer locked")}"));
            return;
        }

        var counts = root.Changes.CountBy(LockUpdate.KindOf, StringComparer.Ordinal).OrderBy(count => count.Key, StringComparer.Ordinal);
        var total = update.After.Roots[root.Roots[0]].All.Length;
        session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{where}: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}, of {total} packages"));
        foreach (var change in root.Changes)
        {
            session.Output.WriteLine($"  {change.Slot}  {Describe(change)}");
        }
    }

    private static string Describe(PackageChange change) => LockUpdate.KindOf(change) switch
    {
        "added" => $"{Version(change.To)}, added",
        "removed" => $"{Version(change.From)}, removed",
        "rebuilt" => $"{Version(change.From)}, with another digest: {change.From!.Header} -> {change.To!.Header}",
        "downgraded" => $"{Version(change.From)} -> {Version(change.To)}, downgraded",
        _ => $"{Version(change.From)} -> {Version(change.To)}",
    };

    private static string? Version(RootPackage? package) => package is null ? null : Rpm.Evr.Of(package.Nevra).WithoutZero();

    private static string WithoutZero(this Rpm.Evr evr) => (evr.Epoch is 0 ? evr with { Epoch = null } : evr).ToString();

    private static void Write(Utf8JsonWriter json, LockUpdate update)
    {
        json.WriteBoolean("changed", update.IsChanged);
        json.WriteItems("images", update.Images, image =>
        {
            json.WriteString("reference", image.Reference);
            json.WriteString("from", image.From?.ToString());
            json.WriteString("to", image.To?.ToString());
        });
        json.WriteItems("roots", update.Roots, root => Write(json, root));
    }

    private static void Write(Utf8JsonWriter json, RootChange root)
    {
        json.WriteStrings("rpms", [.. root.Roots.Select(key => key.Rpm)]);
        json.WriteString("target", root.Roots[0].Target);
        json.WriteString("arch", root.Roots[0].Arch);
        json.WriteItems("changes", root.Changes, change =>
        {
            json.WriteString("package", change.Slot);
            json.WriteString("kind", LockUpdate.KindOf(change));
            json.WriteString("from", Version(change.From));
            json.WriteString("to", Version(change.To));
            json.WriteString("sha256Header", change.To?.Header?.Hex);
        });
    }
}
