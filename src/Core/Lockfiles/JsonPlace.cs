using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace DotnetRelease.Lockfiles;

/// <summary>A value of a JSON lockfile that knows where it stands. No name is there twice in one object.</summary>
/// <param name="Kind">What kind of value it is.</param>
/// <param name="Text">Of a text or a number; else empty.</param>
/// <param name="Position">Where it begins; columns count bytes.</param>
internal sealed record JsonPlace(JsonTokenType Kind, string Text, SourcePosition Position)
{
    /// <summary>Of an object, in the order of the file.</summary>
    public ImmutableArray<(string Name, SourcePosition At, JsonPlace Value)> Members { get; private init; } = [];

    /// <summary>The member of a name, or null.</summary>
    public JsonPlace? Find(string name) => Members.FirstOrDefault(member => member.Name == name).Value;

    /// <summary>The failure to throw when this value is not what it has to be.</summary>
    public ReleaseException Invalid(string text) => new(Fault.LockMalformed, text, Position);

    /// <summary>Reads a whole document.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.LockMalformed"/>, with the place.</exception>
    public static JsonPlace Parse(ReadOnlySpan<byte> utf8, string path, int depthLimit)
    {
        if (!Utf8.IsValid(utf8))
        {
            throw new ReleaseException(Fault.LockMalformed, "The lockfile is not UTF-8.", new(path));
        }

        try
        {
            var json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = depthLimit });
            var lines = new Lines(utf8, path);
            json.Read();
            var root = Read(ref json, lines);

            // Whatever stands behind it makes the reader fail.
            _ = json.Read();
            return root;
        }
        catch (JsonException ex)
        {
            // The parser's own words end with the place, which stands in front already.
            var text = ex.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.', ' ');
            throw new ReleaseException(Fault.LockMalformed, $"The lockfile is no JSON: {text}.", new(path, (int)(ex.LineNumber ?? 0) + 1, (int)(ex.BytePositionInLine ?? 0) + 1), ex);
        }
        catch (InvalidOperationException ex)
        {
            // A lone surrogate passes until somebody asks for the text.
            throw new ReleaseException(Fault.LockMalformed, "The lockfile has a text that is no Unicode.", new(path), ex);
        }
    }

    private static JsonPlace Read(ref Utf8JsonReader json, Lines lines)
    {
        var at = lines.At(json.TokenStartIndex);
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                return new(JsonTokenType.StartObject, "", at) { Members = ReadMembers(ref json, lines) };
            case JsonTokenType.StartArray:
                // No lock that is read has anything of interest in one.
                json.Skip();
                return new(JsonTokenType.StartArray, "", at);
            case JsonTokenType.String:
                return new(JsonTokenType.String, json.GetString()!, at);
            case JsonTokenType.Number:
                return new(JsonTokenType.Number, json.TryGetInt64(out var number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : "", at);
            default:
                return new(json.TokenType, "", at);
        }
    }

    private static ImmutableArray<(string Name, SourcePosition At, JsonPlace Value)> ReadMembers(ref Utf8JsonReader json, Lines lines)
    {
        var members = ImmutableArray.CreateBuilder<(string, SourcePosition, JsonPlace)>();
        var names = new Dictionary<string, SourcePosition>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType is JsonTokenType.PropertyName)
        {
            var (name, at) = (json.GetString()!, lines.At(json.TokenStartIndex));
            if (!names.TryAdd(name, at))
            {
                throw new ReleaseException(Fault.LockMalformed, $"'{LockedValues.Shown(name)}' is already there at {names[name]}.", at);
            }

            json.Read();
            members.Add((name, at, Read(ref json, lines)));
        }

        return members.ToImmutable();
    }

    /// <summary>The reader knows bytes, people know lines. Asked for places in ascending order.</summary>
    private sealed class Lines
    {
        private readonly List<int> _starts = [0];
        private readonly string _path;

        public Lines(ReadOnlySpan<byte> utf8, string path)
        {
            _path = path;
            for (var i = 0; i < utf8.Length; i++)
            {
                if (utf8[i] is (byte)'\n')
                {
                    _starts.Add(i + 1);
                }
            }
        }

        public SourcePosition At(long offset)
        {
            var line = _starts.BinarySearch((int)offset);
            line = line < 0 ? ~line - 1 : line;
            return new(_path, line + 1, (int)offset - _starts[line] + 1);
        }
    }
}
