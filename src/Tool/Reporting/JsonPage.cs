using System.Text.Json;

namespace DotnetRelease.Tool.Reporting;

/// <summary>
/// A JSON document of this program as a page. All of them have one shape: arrays of objects are tables, arrays inside of them are tables
/// that begin with the name of what they belong to, and single values are lines.
/// </summary>
internal static class JsonPage
{
    private const int RowLimit = 100;
    private const int CellLimit = 160;
    private const int DigestLength = 64, ShortDigest = 12;

    /// <summary>Members that say which thing a row is about, the first that is there.</summary>
    private static readonly string[] NameMembers = ["nevra", "name", "rpm", "path", "file", "target"];

    /// <summary>Makes the page.</summary>
    public static Page Of(JsonElement document)
    {
        var page = new Page();
        foreach (var member in document.EnumerateObject().Where(member => member.Name is not "schema"))
        {
            if (IsTable(member.Value))
            {
                Add(page, member.Name, [.. member.Value.EnumerateArray().Select(item => ("", item))]);
            }
            else if (member.Value.ValueKind is JsonValueKind.Object)
            {
                page.Line($"{member.Name}: {string.Join("; ", member.Value.EnumerateObject().Select(part => Cell(part.Value)).Where(text => text.Length > 0))}");
            }
            else if (member.Value is not { ValueKind: JsonValueKind.Array } || member.Value.GetArrayLength() > 0)
            {
                page.Line($"{member.Name}: {Cell(member.Value)}");
            }
        }

        return page;
    }

    /// <summary>One table, and one for each array of objects in its rows.</summary>
    private static void Add(Page page, string title, List<(string Owner, JsonElement Item)> items)
    {
        var members = items.SelectMany(item => item.Item.EnumerateObject()).ToList();
        var tables = members.Where(member => IsTable(member.Value)).Select(member => member.Name).Distinct(StringComparer.Ordinal).ToList();
        string[] columns = [.. members.Where(member => member.Value.ValueKind is not JsonValueKind.Object || member.Name is "error").Select(member => member.Name).Distinct(StringComparer.Ordinal).Except(tables, StringComparer.Ordinal)];
        var owned = items.Exists(item => item.Owner.Length > 0);
        page.Heading(items.Count > RowLimit ? $"{title}: the first {RowLimit} of {items.Count}" : title);
        page.Table(
            [.. owned ? (string[])["of"] : [], .. columns],
            items.Take(RowLimit).Select(item => (string[])[.. owned ? (string[])[item.Owner] : [], .. columns.Select(column => item.Item.TryGetProperty(column, out var value) ? Cell(value) : "")]));
        foreach (var inner in tables)
        {
            Add(page, inner,
            [
                .. from item in items
                   let owner = NameOf(item.Item)
                   where item.Item.TryGetProperty(inner, out var array) && IsTable(array)
                   from part in item.Item.GetProperty(inner).EnumerateArray()
                   select (owner, part),
            ]);
        }
    }

    private static bool IsTable(JsonElement value) =>
        value.ValueKind is JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.Object);

    private static string NameOf(JsonElement item) =>
        NameMembers.Where(name => item.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String).Select(name => item.GetProperty(name).GetString()!).FirstOrDefault("");

    private static string Cell(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Cell)),
            JsonValueKind.Object => string.Join(": ", value.EnumerateObject().Select(member => Cell(member.Value)).Where(part => part.Length > 0)),
            _ => value.GetRawText(),
        };
        return text switch
        {
            { Length: DigestLength } when text.All(char.IsAsciiHexDigitLower) => text[..ShortDigest] + "…",
            { Length: > CellLimit } => text[..CellLimit] + "…",
            _ => text,
        };
    }
}
