using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DotnetRelease;

/// <summary>JSON documents as this product prints them: indented, UTF-8, one way for the tool and the MSBuild tasks.</summary>
public static class JsonText
{
    // Relaxed: the documents are read by programs, never pasted into a web page, and people want to see '+' and 'ü'.
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The edition of our documents, their first property. It changes when a property goes or means something else, not when one comes.</summary>
    public const int Schema = 1;

    /// <summary>How our documents write a moment in UTC.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The text of the document that <paramref name="write"/> writes.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The text of one of our documents: an object with its <see cref="Schema"/> and the properties that <paramref name="write"/> writes.</summary>
    public static string OfDocument(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Schema);
            write(json);
            json.WriteEndObject();
        });
    }

    /// <summary>Writes a property that is an array of objects; <paramref name="write"/> writes the properties of one.</summary>
    public static void WriteItems<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(write);
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a property that is an array of texts.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(values);
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a property that is a moment: <c>2026-11-27T22:14:05Z</c>, or null.</summary>
    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString(name, time?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    }

    /// <summary>Writes a property that is a number, or null.</summary>
    public static void WriteNumber(this Utf8JsonWriter json, string name, long? value)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>A place in a text, as three properties of its object: <c>"file","line","column"</c>.</summary>
    public static void WritePosition(this Utf8JsonWriter json, SourcePosition at)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("file", at.File);
        json.WriteNumber("line", at.Line);
        json.WriteNumber("column", at.Column);
    }

    /// <summary>How one of several things failed, as two properties of its object; nothing when it did not.</summary>
    public static void WriteFailure(this Utf8JsonWriter json, ReleaseException? failure)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (failure is not null)
        {
            json.WriteString("error", failure.Fault.Id);
            json.WriteString("text", failure.Message);
        }
    }

    /// <summary>The error document of the contract: the same facts as the line on stderr.</summary>
    public static string OfError(ReleaseException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return OfDocument(json => json.WriteError(error));
    }

    /// <summary>A property <c>error</c> with the facts of a line on stderr: <c>{"id","text","file","line","column","remedy"}</c>, the place only where there is one.</summary>
    public static void WriteError(this Utf8JsonWriter json, ReleaseException error)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(error);
        json.WriteStartObject("error");
        json.WriteString("id", error.Fault.Id);
        json.WriteString("text", error.Message);
        if (error.Position is { } at)
        {
            json.WritePosition(at);
        }

        json.WriteString("remedy", error.Remedy);
        json.WriteEndObject();
    }
}
