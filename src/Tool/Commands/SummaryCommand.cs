using System.CommandLine;
using System.Text.Json;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>summary</c>: a JSON result as tables, for the summary of a CI job.</summary>
internal static class SummaryCommand
{
    private const int SizeLimit = 64 * 1024 * 1024;

    private const string Summary = """
        Show the JSON result of another command as tables.

        For the summary of a CI job: run a command with --json, keep its result, and append the tables to the summary. Long digests and texts are
        shortened; the JSON has them whole.
        """;

    public static Command Create()
    {
        Argument<string> file = new("file") { Description = "The JSON document." };
        var format = CommonOptions.Format();

        return new Verb(
            "summary",
            Summary,
            "dotnet release rpm --json > result.json; dotnet release summary result.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"")
        {
            file, format,
        }
        .Does((parsed, session) =>
        {
            using var document = Read(session.Resolve(parsed.GetRequiredValue(file)));
            JsonPage.Of(document.RootElement).WriteTo(session.Output, parsed.GetValue(format), session.Color);
            return ExitCode.Success;
        });
    }

    private static JsonDocument Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > SizeLimit)
            {
                throw new ReleaseException(Fault.InputTooLarge, $"The file has {file.Length} bytes; at most {SizeLimit} are read.", new(path));
            }

            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind is JsonValueKind.Object ? document : throw new JsonException("it is no object");
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'{path}' is no JSON result of this program: {ex.Message.TrimEnd('.')}.", inner: ex)
            {
                Remedy = "Make one with --json.",
            };
        }
    }
}
