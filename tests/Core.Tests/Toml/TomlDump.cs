using System.Globalization;
using DotnetRelease.Toml;

namespace DotnetRelease.Core.Tests.Toml;

/// <summary>A document as one short line: <c>{a:1,b:["x"]}</c>.</summary>
internal static class TomlDump
{
    public static string Of(string toml) => Of(TomlReader.Parse(toml, "f.toml", Fault.SettingsInvalid));

    public static string Of(TomlValue value) => value switch
    {
        TomlTable table => "{" + string.Join(',', table.Entries.Select(entry => $"{entry.Key}:{Of(entry.Value)}")) + "}",
        TomlArray array => "[" + string.Join(',', array.Items.Select(Of)) + "]",
        TomlText text => $"\"{text.Value}\"",
        TomlInteger integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        TomlFloat number => number.Value.ToString("R", CultureInfo.InvariantCulture) + "f",
        TomlBoolean boolean => boolean.Value ? "true" : "false",
        TomlDate date => date.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TomlTime time => time.Value.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TomlDateTime { Offset: null } time => time.Value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TomlDateTime time => $"{time.Value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)} {time.Offset!.Value.TotalMinutes.ToString(CultureInfo.InvariantCulture)}",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "A kind of value that TOML has not."),
    };
}
