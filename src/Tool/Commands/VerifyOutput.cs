using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Building;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Tool.Commands;

/// <summary>One file that was checked, an RPM or a repository's repomd.xml.</summary>
/// <param name="Path">Where it is, or should be.</param>
/// <param name="Problems">Why it was refused; none for a good file.</param>
/// <param name="Sentence">What came out, for people.</param>
internal sealed record VerifiedItem(string Path, ImmutableArray<RepositoryProblem> Problems, string Sentence)
{
    public bool IsGood => Problems.IsEmpty;

    public string? Nevra { get; private init; }

    public string? Signer { get; private init; }

    /// <summary>Where it comes from, as the statement beside it says.</summary>
    public BuildStatement? Statement { get; init; }

    /// <summary>What a person should know about the whole of which this is the first file.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    public static VerifiedItem Of(RpmVerification found) => new(
        found.Path,
        found.Verdict.Fault is { } fault ? [new RepositoryProblem(fault, $"'{found.Path}' {found.Verdict.Text}.")] : [],
        $"{found.Path} {found.Verdict.Text}.{(found.Note is null ? "" : " " + found.Note)}")
    {
        Nevra = found.Nevra?.ToString(),
        Signer = found.Verdict.Signature?.PrimaryFingerprint,
    };

    public static VerifiedItem Of(RepositoryItem item) => new(
        item.Path, item.Problems, item.Problems.IsEmpty ? $"{item.Path} {item.Note ?? $"is signed by {item.Signer}"}." : string.Join(' ', item.Problems.Select(problem => problem.Text)))
    {
        Nevra = item.Nevra?.ToString(),
        Signer = item.Signer,
    };
}

/// <summary>Shows what came out of <c>verify</c>.</summary>
internal static class VerifyOutput
{
    /// <summary>The items of a repository; what a client survives is told at once.</summary>
    public static IEnumerable<VerifiedItem> Items(Session session, RepositoryReport report)
    {
        ImmutableArray<string> warnings =
        [
            .. report.Warnings,
            .. report.Orphans.Select(orphan => $"'{report.Folder.TrimEnd('/')}/{orphan}' is not named by the metadata; no client sees it."),
        ];
        foreach (var warning in warnings)
        {
            session.Reporter.Warning(warning);
        }

        return report.Items.Select((item, at) => VerifiedItem.Of(item) with { Warnings = at is 0 ? warnings : [] });
    }

    public static ExitCode Show(Session session, IReadOnlyCollection<VerifiedItem> items)
    {
        var refused = items.Where(item => !item.IsGood).ToList();
        if (session.Json)
        {
            session.WriteJson(json => Write(json, items));
            return refused.Count is 0 ? ExitCode.Success : Gravest(refused).Exit;
        }

        foreach (var item in items)
        {
            session.Output.WriteLine($"{(item.IsGood ? "ok     " : "refused")} {item.Sentence}");
            StatementOutput.Tell(session.Reporter, item.Statement);
        }

        return refused.Count is 0
            ? ExitCode.Success
            : throw new ReleaseException(Gravest(refused), refused.Count is 1
                ? refused[0].Problems[0].Text
                : $"{refused.Count} of {items.Count} files were refused. The first of them: {refused[0].Problems[0].Text}");
    }

    /// <summary>A file that was refused weighs more than one that could not be read at all.</summary>
    private static Fault Gravest(List<VerifiedItem> refused)
    {
        var faults = refused.SelectMany(item => item.Problems).Select(problem => problem.Fault).ToList();
        return faults.Find(fault => fault.Exit is ExitCode.Refused) ?? faults[0];
    }

    /// <summary><c>{"schema","ok","items":[{"path","ok","nevra","signer","statement","problems":[{"id","text"}],"warnings":[]}]}</c>.</summary>
    private static void Write(Utf8JsonWriter json, IReadOnlyCollection<VerifiedItem> items)
    {
        json.WriteBoolean("ok", items.All(item => item.IsGood));
        json.WriteItems("items", items, item =>
        {
            json.WriteString("path", item.Path);
            json.WriteBoolean("ok", item.IsGood);
            json.WriteString("nevra", item.Nevra);
            json.WriteString("signer", item.Signer);
            StatementOutput.Write(json, item.Statement);
            json.WriteItems("problems", item.Problems, problem =>
            {
                json.WriteString("id", problem.Fault.Id);
                json.WriteString("text", problem.Text);
            });
            json.WriteStrings("warnings", item.Warnings);
        });
    }
}
