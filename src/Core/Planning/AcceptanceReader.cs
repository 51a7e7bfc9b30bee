using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>Reads every <c>[[accept]]</c>. Nothing that could silence more than was meant passes.</summary>
internal static class AcceptanceReader
{
    public static ImmutableArray<AlarmAcceptance> Read(TomlTable root)
    {
        var found = ImmutableArray.CreateBuilder<AlarmAcceptance>();
        foreach (var table in root.Tables("accept"))
        {
            var acceptance = ReadOne(table);
            if (found.FirstOrDefault(other => other.ToString() == acceptance.ToString()) is { } first)
            {
                throw table.Value("id").Invalid($"accepts {acceptance} a second time; the first is at {first.Position}.");
            }

            found.Add(acceptance);
        }

        return found.ToImmutable();
    }

    private static AlarmAcceptance ReadOne(TomlTable table)
    {
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Accept);
        var kind = ReadKind(table.Value("id"));
        var isAboutLock = kind == AlarmKind.FormatChanged || kind == AlarmKind.LockOlder;
        if (isAboutLock && (table.Find("package") ?? table.Find("version") ?? table.Find("file")) is { } narrow)
        {
            throw narrow.Value.Invalid($"narrows {kind.Id}, which is about a lock as a whole.");
        }

        return new(kind, SettingsValues.Filled(table.Value("reason")), table.Position)
        {
            Package = isAboutLock ? null : SettingsValues.Filled(table.Value("package")),
            Version = table.Find("version") is { } version ? SettingsValues.Filled(version.Value) : null,
            File = table.Find("file") is { } file ? SettingsValues.Filled(file.Value) : null,
            Until = table.OptionalDate("until"),
        };
    }

    private static AlarmKind ReadKind(TomlValue value)
    {
        var id = value.AsText();
        if (AlarmKind.All.FirstOrDefault(kind => kind.Id == id) is { } kind && kind != AlarmKind.AcceptanceUnused)
        {
            return kind;
        }

        var known = AlarmKind.All.Where(each => each != AlarmKind.AcceptanceUnused).Select(each => each.Id).ToList();
        var meant = Suggestion.For(id, known) is { } word ? $" Did you mean '{word}'?" : "";
        throw value.Invalid($"must be the id of an alarm, found '{TomlPath.Escape(id)}'; see docs/alarms.md.{meant}");
    }
}
