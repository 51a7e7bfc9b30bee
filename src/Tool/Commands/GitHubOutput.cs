using System.Text.Json;
using DotnetRelease.GitHub;
using DotnetRelease.Runs;

namespace DotnetRelease.Tool.Commands;

/// <summary>Shows what came of the GitHub commands.</summary>
internal static class GitHubOutput
{
    public static void ShowActions(Session session, IReadOnlyCollection<string> actions)
    {
        if (!session.Json)
        {
            session.Output.WriteLine(string.Join('\n', actions));
            return;
        }

        session.WriteJson(json => json.WriteStrings("actions", actions));
    }

    public static void Show(Session session, GitHubResult result)
    {
        var release = result.Published?.Release ?? result.Draft.Release;
        if (session.Json)
        {
            session.WriteJson(json => Write(json, result, release));
            return;
        }

        ShowAssets(session, result.Upload);
        session.Output.WriteLine(result.Published switch
        {
            null => $"draft {release.Page}\nnext: dotnet release github upload --tag {release.Tag} --publish",
            { IsNew: true } => $"published {release.Page}",
            _ => $"already published {release.Page}",
        });
        if (result.Report is { } report)
        {
            session.Output.WriteLine($"verified {report.Items.Length} assets as strangers get them, signed by {report.Signer}");
        }
    }

    public static void Show(Session session, Release release, UploadReceipt receipt)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                Write(json, release, null);
                Write(json, receipt);
            });
            return;
        }

        ShowAssets(session, receipt);
        session.Output.WriteLine($"{(release.IsDraft ? "draft" : "release")} {release.Page}");
    }

    public static ExitCode Show(Session session, ReleaseReport report, bool isStranger)
    {
        if (session.Json)
        {
            session.WriteJson(json => Write(json, report, isStranger));
            return report.IsGood ? ExitCode.Success : Fault.ReleaseUnverified.Exit;
        }

        foreach (var item in report.Items)
        {
            session.Output.WriteLine(item.Problem is null ? $"ok      {item.Name}" : $"refused {item.Name} {item.Problem}");
        }

        if (!report.IsGood)
        {
            throw report.ToFault();
        }

        session.Output.WriteLine($"{report.Release.Page} signed by {report.Signer}");
        return ExitCode.Success;
    }

    private static void ShowAssets(Session session, UploadReceipt receipt)
    {
        foreach (var asset in receipt.Assets)
        {
            session.Output.WriteLine($"{(asset.Change is AssetChange.None ? "already there" : WordOf(asset.Change))} {asset.File.Name} {asset.File.Digest}");
        }
    }

    /// <summary><c>{"schema","release":{"id","tag","commit","url","state","origin"},"assets":[{"name","path","size","sha256","state"}],"signer","verified"}</c>.</summary>
    private static void Write(Utf8JsonWriter json, GitHubResult result, Release release)
    {
        Write(json, release, result);
        Write(json, result.Upload);
        json.WriteString("signer", result.Sealed.Signature?.Signer);
        json.WriteBoolean("verified", result.Report is { IsGood: true });
    }

    private static void Write(Utf8JsonWriter json, Release release, GitHubResult? result)
    {
        json.WriteStartObject("release");
        json.WriteNumber("id", release.Id);
        json.WriteString("tag", release.Tag);
        if (result is not null)
        {
            json.WriteString("commit", result.Sealed.Plan.Tag.Commit);
            json.WriteString("origin", result.Draft.Origin.ToString().ToLowerInvariant());
        }

        json.WriteString("url", release.Page.AbsoluteUri);
        json.WriteString("state", release.IsDraft ? "draft" : "published");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, UploadReceipt receipt)
    {
        json.WriteItems("assets", receipt.Assets, asset =>
        {
            json.WriteString("name", asset.File.Name);
            json.WriteString("path", asset.File.Path);
            json.WriteNumber("size", asset.File.Size);
            json.WriteString("sha256", asset.File.Digest.Hex);
            json.WriteString("state", WordOf(asset.Change));
        });
    }

    /// <summary><c>{"schema","ok","release","tag","signer","stranger","items":[{"path","ok","nevra","signer","sha256","problems":[{"id","text"}]}]}</c>.</summary>
    private static void Write(Utf8JsonWriter json, ReleaseReport report, bool isStranger)
    {
        json.WriteBoolean("ok", report.IsGood);
        json.WriteString("release", report.Release.Page.AbsoluteUri);
        json.WriteString("tag", report.Release.Tag);
        json.WriteString("signer", report.Signer);
        json.WriteBoolean("stranger", isStranger);
        json.WriteItems("items", report.Items, item =>
        {
            json.WriteString("path", item.Name);
            json.WriteBoolean("ok", item.Problem is null);
            json.WriteNull("nevra");
            json.WriteString("signer", item.Problem is null ? report.Signer : null);
            json.WriteString("sha256", item.Digest?.Hex);
            json.WriteStartArray("problems");
            if (item.Problem is { } problem)
            {
                json.WriteStartObject();
                json.WriteString("id", Fault.ReleaseUnverified.Id);
                json.WriteString("text", $"{item.Name} {problem}.");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static string WordOf(AssetChange change) => change switch
    {
        AssetChange.Uploaded => "uploaded",
        AssetChange.Replaced => "replaced",
        _ => "present",
    };
}
