using System.Text.Json;
using DotnetRelease.Building;

namespace DotnetRelease.Tool.Commands;

/// <summary>Shows what a package was built from, as the statement beside it says.</summary>
internal static class StatementOutput
{
    private const string Root = "build-root";

    /// <summary>Details for people: all but the packages of the build root, of which there are hundreds.</summary>
    public static void Tell(IReporter reporter, BuildStatement? statement)
    {
        if (statement is null)
        {
            return;
        }

        var record = statement.Record;
        reporter.Detail($"  built as {record.Rpm} on {record.Target} ({record.Arch}) by dotnet-release {statement.ToolVersion}, inputs {record.InputsKey.Hex}, says the statement beside it");
        foreach (var material in statement.Materials.Where(material => material.Role is not Root))
        {
            reporter.Detail($"  from {material.Name} {material.Digest}{(material.Uri is null ? "" : $" ({material.Uri})")}");
        }

        reporter.Detail($"  in a build root of {statement.Materials.Count(material => material.Role is Root)} packages");
    }

    /// <summary><c>"statement": null | {"rpm","target","arch","inputs","toolVersion","epoch","materials":[{"role","name","uri","digest"}]}</c>.</summary>
    public static void Write(Utf8JsonWriter json, BuildStatement? statement)
    {
        if (statement is null)
        {
            json.WriteNull("statement");
            return;
        }

        json.WriteStartObject("statement");
        json.WriteString("rpm", statement.Record.Rpm);
        json.WriteString("target", statement.Record.Target);
        json.WriteString("arch", statement.Record.Arch);
        json.WriteString("inputs", statement.Record.InputsKey.Hex);
        json.WriteString("toolVersion", statement.ToolVersion);
        json.WriteNumber("epoch", statement.Epoch.ToUnixTimeSeconds());
        json.WriteItems("materials", statement.Materials, material =>
        {
            json.WriteString("role", material.Role);
            json.WriteString("name", material.Name);
            json.WriteString("uri", material.Uri);
            json.WriteString("digest", material.Digest);
        });
        json.WriteEndObject();
    }
}
