using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DotnetRelease;

/// <summary>JSON documents as this product prints them: indented, UTF-8, one way for the tool and the MSBuild tasks.</summary>
public static class JsonText
{
    // Relaxed: the documents are read by programs, never pasted into a web page, and people want to see '+' and 'ü'.
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
        return Of(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteStartObject("error");
            json.WriteString("id", error.Fault.Id);
            json.WriteString("text", error.Message);
            if (error.Position is { } at)
            {
                json.WriteString("file", at.File);
                json.WriteNumber("line", at.Line);
                json.WriteNumber("column", at.Column);
            }

            json.WriteString("remedy", error.Remedy);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}
