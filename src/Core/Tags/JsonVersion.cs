using System.Text.Json;

namespace DotnetRelease.Tags;

/// <summary>The version in a <c>package.json</c> and its like: the text <c>version</c> of the outermost object.</summary>
internal static class JsonVersion
{
    internal static VersionClaim? Read(ReadOnlyMemory<byte> bytes, string label)
    {
        var json = bytes.Span.StartsWith("\uFEFF"u8) ? bytes.Span[3..] : bytes.Span;
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("version"u8) && reader.Read() && reader.TokenType is JsonTokenType.String)
                {
                    var before = json[..(int)reader.TokenStartIndex];
                    return new(reader.GetString()!, new(label, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n')));
                }
            }

            return null;
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            // The latter is what a text that is not UTF-8 gives.
            throw new ReleaseException(Fault.TagVersionDiffers, $"The version file is no JSON: {ex.Message}", new SourcePosition(label), ex);
        }
    }
}
