using System.Globalization;
using System.Text.Json;
using DotnetRelease.Toml;

namespace DotnetRelease.TomlDecoder;

/// <summary>A document in the form of toml-test: tables and arrays as they are, every other value as <c>{"type": T, "value": "text"}</c>.</summary>
internal static class TaggedJson
{
    private const string Time = "HH:mm:ss.FFFFFFF";
    private const string DateTime = $"yyyy-MM-dd'T'{Time}";

    public static void Write(TomlTable root, Stream output)
    {
        using var json = new Utf8JsonWriter(output);
        Write(json, root);
    }

    private static void Write(Utf8JsonWriter json, TomlValue value)
    {
        switch (value)
        {
            case TomlTable table:
                json.WriteStartObject();
                foreach (var entry in table.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case TomlArray array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                var (type, text) = Tag(value);
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteString("value", text);
                json.WriteEndObject();
                break;
        }
    }

    private static (string Type, string Text) Tag(TomlValue value) => value switch
    {
        TomlText text => ("string", text.Value),
        TomlInteger integer => ("integer", integer.Value.ToString(CultureInfo.InvariantCulture)),
        TomlFloat number => ("float", Float(number.Value)),
        TomlBoolean boolean => ("bool", boolean.Value ? "true" : "false"),
        TomlDate date => ("date-local", date.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        TomlTime time => ("time-local", time.Value.ToString(Time, CultureInfo.InvariantCulture)),
        TomlDateTime { Offset: { } offset } time => ("datetime", time.Value.ToString(DateTime, CultureInfo.InvariantCulture) + Offset(offset)),
        TomlDateTime time => ("datetime-local", time.Value.ToString(DateTime, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, "A kind of value that TOML has not."),
    };

    private static string Float(double number) => number switch
    {
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        double.NaN => "nan",
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Offset(TimeSpan offset) => offset == TimeSpan.Zero ? "Z" : (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh':'mm", CultureInfo.InvariantCulture);
}
