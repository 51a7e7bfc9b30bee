using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;

namespace DotnetRelease.Core.Tests.Planning;

/// <summary>The schema is what editors complete from; the reader is what counts. They have to know the same keys.</summary>
[TestClass]
public sealed class SettingsSchemaTests
{
    private static readonly Dictionary<string, ImmutableArray<string>> Tables = new()
    {
        ["/"] = SettingsKeys.Root,
        ["/project"] = SettingsKeys.Project,
        ["/rpm/items"] = SettingsKeys.Rpm,
        ["/rpm/items/properties/source/items"] = SettingsKeys.RpmSource,
        ["/target/additionalProperties"] = SettingsKeys.Target,
        ["/build"] = SettingsKeys.Build,
        ["/sources"] = SettingsKeys.Sources,
        ["/registry/additionalProperties"] = SettingsKeys.Registry,
        ["/signing"] = SettingsKeys.Signing,
        ["/repository/additionalProperties"] = SettingsKeys.Repository,
        ["/github"] = SettingsKeys.GitHub,
        ["/qa"] = SettingsKeys.Qa,
        ["/limits"] = SettingsKeys.Limits,
        ["/accept/items"] = SettingsKeys.Accept,
    };

    [TestMethod]
    public void Schema_and_reader_know_the_same_keys()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Checkout.At("docs", "schema", "release.schema.json")));

        foreach (var (path, keys) in Tables)
        {
            var table = schema.RootElement;
            foreach (var (index, part) in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Index())
            {
                table = table.GetProperty(index is 0 ? "properties" : part);
                table = index is 0 ? table.GetProperty(part) : table;
            }

            var written = table.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal);
            Assert.AreEqual(string.Join(' ', keys.Order(StringComparer.Ordinal)), string.Join(' ', written), path);
            Assert.IsFalse(table.GetProperty("additionalProperties").GetBoolean(), path);
        }
    }

    [TestMethod]
    public void Every_key_of_the_schema_is_described()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Checkout.At("docs", "schema", "release.schema.json")));

        Assert.AreEqual("", string.Join(' ', Undescribed(schema.RootElement)));
    }

    [TestMethod]
    public void The_page_about_settings_has_a_row_for_each_key()
    {
        var sections = File.ReadAllText(Checkout.At("docs", "settings.md")).Split("\n## ").Where(section => section.StartsWith('['))
            .ToDictionary(section => section[..section.IndexOf(']', StringComparison.Ordinal)].TrimStart('['));
        foreach (var (path, keys) in Tables.Where(table => table.Key is not "/"))
        {
            var heading = path switch
            {
                "/rpm/items/properties/source/items" => "rpm.source",
                "/registry/additionalProperties" => "registry.\"HOST\"",
                _ => path[1..].Replace("/additionalProperties", ".NAME", StringComparison.Ordinal).Replace("/items", "", StringComparison.Ordinal),
            };
            var rows = sections[heading].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
            var told = rows.SelectMany(row => row.Split('|')[1].Split(',')).Select(name => name.Trim(' ', '`'));
            Assert.AreEqual(string.Join(' ', keys.Except(["source"]).Order(StringComparer.Ordinal)), string.Join(' ', told.Order(StringComparer.Ordinal)), path);
        }
    }

    private static IEnumerable<string> Undescribed(JsonElement node)
    {
        if (node.ValueKind is not JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var child in node.EnumerateObject())
        {
            if (child.Name is "properties")
            {
                foreach (var property in child.Value.EnumerateObject().Where(property => !property.Value.TryGetProperty("description", out _)))
                {
                    yield return property.Name;
                }
            }

            foreach (var name in child.Value.ValueKind is JsonValueKind.Object ? Undescribed(child.Value) : [])
            {
                yield return name;
            }
        }
    }
}
