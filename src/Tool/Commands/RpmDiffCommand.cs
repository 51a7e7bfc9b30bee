using System.CommandLine;
using System.Globalization;
using DotnetRelease.Building;
using DotnetRelease.Rpm;
using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary><c>rpm diff</c>: what an update brings.</summary>
internal static class RpmDiffCommand
{
    private const string Summary = """
        Show what is different between two RPMs.

        Compared are what the package says about itself, its relations, its scriptlets, and its files by mode, owner, link, size and digest. What
        only follows the version is left out: the package's own version in its relations and in its paths. A requirement that got an upper bound
        is marked, because it may keep an update of the distro out. What a person should have meant stands first, with its id (docs/alarms.md).
        Signatures are not looked at: see 'verify'.
        """;

    public static Command Create()
    {
        Argument<string> older = new("old") { Description = "The package that is there." };
        Argument<string> newer = new("new") { Description = "The package that is to come." };
        var format = CommonOptions.Format();

        return new Verb(
            "diff",
            Summary,
            "dotnet release rpm diff published/foo-1.0-1.fc43.x86_64.rpm dist/rpm/fedora-43/foo-1.1-1.fc43.x86_64.rpm",
            "dotnet release rpm diff old.rpm new.rpm --format markdown")
        {
            older, newer, format,
        }
        .Does(async (parsed, session, ct) =>
        {
            var old = await RpmPackage.ReadAsync(session.Resolve(parsed.GetRequiredValue(older)), ct);
            var @new = await RpmPackage.ReadAsync(session.Resolve(parsed.GetRequiredValue(newer)), ct);
            var (diff, alarms) = (RpmDiff.Of(old, @new), new UpdatePolicy(old, @new, new SourcePosition(@new.Path)).Alarms().ToList());
            if (session.Json)
            {
                WriteJson(session, diff, alarms);
            }
            else
            {
                ToPage(diff, alarms).WriteTo(session.Output, parsed.GetValue(format), session.Color);
            }

            return ExitCode.Success;
        });
    }

    private static Page ToPage(RpmDiff diff, List<Alarm> alarms)
    {
        var page = new Page()
            .Heading($"{diff.Old.Nevra} -> {diff.New.Nevra}: {diff.Differences.Length switch { 0 => "no difference", 1 => "1 difference", var many => $"{many} differences" }}")
            .Line($"file {Change(diff.Old.FileSize, diff.New.FileSize)}, installed {Change((long)diff.Old.InstalledSize, (long)diff.New.InstalledSize)}");
        if (alarms.Count > 0)
        {
            page.Table(
                ["alarm", "severity", "about", "what"],
                alarms.Select(alarm => (string[])[alarm.Kind.Id, alarm.Kind.SeverityWord, alarm.File ?? "-", alarm.Kind.Title]),
                static row => row[1] is "error" ? Tone.Bad : Tone.Doubtful);
        }

        return page.Table(["area", "name", "kind", "old", "new"], diff.Differences.Select(Row));
    }

    private static string[] Row(RpmDifference one) =>
        [one.Area.ToString().ToLowerInvariant(), one.Name, one.Kind + (one.IsNewUpperBound ? " (new upper bound)" : ""), FirstLine(one.Old), FirstLine(one.New)];

    /// <summary>A scriptlet or a description has lines; the table has room for one.</summary>
    private static string FirstLine(string? text)
    {
        var lines = text?.Split('\n') ?? ["-"];
        return lines is [var only] ? only : $"{lines[0]} … ({lines.Length} lines)";
    }

    private static string Change(long old, long @new) => string.Create(
        CultureInfo.InvariantCulture, $"{old:N0} -> {@new:N0} bytes{(old > 0 && old != @new ? $" ({(@new - old) * 100.0 / old:+0.#;-0.#;0} %)" : "")}");

    /// <summary><c>{"schema","old":{"path","nevra","size","installedSize"},"new":{…},"differences":[{"area","name","kind","old","new","newUpperBound"}],"alarms":[…]}</c>.</summary>
    private static void WriteJson(Session session, RpmDiff diff, List<Alarm> alarms) => session.WriteJson(json =>
    {
        foreach (var (side, package) in (ReadOnlySpan<(string, RpmPackage)>)[("old", diff.Old), ("new", diff.New)])
        {
            json.WriteStartObject(side);
            json.WriteString("path", package.Path);
            json.WriteString("nevra", package.Nevra.ToString());
            json.WriteNumber("size", package.FileSize);
            json.WriteNumber("installedSize", package.InstalledSize);
            json.WriteEndObject();
        }

        json.WriteItems("differences", diff.Differences, one =>
        {
            json.WriteString("area", one.Area.ToString().ToLowerInvariant());
            json.WriteString("name", one.Name);
            json.WriteString("kind", one.Kind);
            json.WriteString("old", one.Old);
            json.WriteString("new", one.New);
            json.WriteBoolean("newUpperBound", one.IsNewUpperBound);
        });
        json.WriteAlarms(alarms);
    });
}
