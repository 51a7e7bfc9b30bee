using System.Collections.Immutable;
using System.Text.Json;

namespace DotnetRelease.GitHub;

/// <summary>A release as the API shows it. Its id is what names it; tags of drafts are no names.</summary>
/// <param name="Id">The server's number.</param>
/// <param name="Tag">The tag; of a draft the one that it is meant for.</param>
public sealed record Release(long Id, string Tag)
{
    /// <summary>Only people who may write see it.</summary>
    public required bool IsDraft { get; init; }

    /// <summary>Neither tag nor assets can ever be changed.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>Not the one that is shown as the latest.</summary>
    public bool IsPrerelease { get; init; }

    /// <summary>The title.</summary>
    public string Name { get; init; } = "";

    /// <summary>The notes, with our marker in them.</summary>
    public string Body { get; init; } = "";

    /// <summary>Commit or branch that the tag is made at when it is not there.</summary>
    public string Target { get; init; } = "";

    /// <summary>The page for people.</summary>
    public required Uri Page { get; init; }

    /// <summary>When it became public; null for a draft.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Where assets go, without the template at its end.</summary>
    public required Uri Upload { get; init; }

    /// <summary>Which run of ours made it, or null.</summary>
    public ReleaseMarker? Marker => ReleaseMarker.Find(Body);

    /// <summary>The release for people: <c>v1.2 (draft, https://…)</c>.</summary>
    public override string ToString() => $"{Tag} ({(IsDraft ? "draft" : "published")}, {Page})";

    internal static Release Of(JsonElement json)
    {
        var upload = Json.RequiredText(json, "upload_url");
        var template = upload.IndexOf('{', StringComparison.Ordinal);
        return new(Json.RequiredNumber(json, "id"), Json.RequiredText(json, "tag_name"))
        {
            IsDraft = Json.Flag(json, "draft"),
            IsImmutable = Json.Flag(json, "immutable"),
            IsPrerelease = Json.Flag(json, "prerelease"),
            Name = Json.Text(json, "name") ?? "",
            Body = Json.Text(json, "body") ?? "",
            Target = Json.Text(json, "target_commitish") ?? "",
            Page = Json.RequiredUrl(json, "html_url"),
            Published = Json.Time(json, "published_at"),
            Upload = Uri.TryCreate(template < 0 ? upload : upload[..template], UriKind.Absolute, out var url) ? url : throw Json.Missing("upload_url"),
        };
    }
}

/// <summary>A file of a release.</summary>
/// <param name="Id">The server's number.</param>
/// <param name="Name">The name that the server gave it.</param>
/// <param name="Size">Bytes.</param>
public sealed record Asset(long Id, string Name, long Size)
{
    /// <summary>False for what a failed upload leaves behind (state <c>starter</c>).</summary>
    public required bool IsComplete { get; init; }

    /// <summary>As the server computed it; null for assets from before it did.</summary>
    public Digest? Digest { get; init; }

    /// <summary>The API's address of it.</summary>
    public required Uri Url { get; init; }

    /// <summary>Where strangers get it.</summary>
    public required Uri Download { get; init; }

    internal static Asset Of(JsonElement json) => new(Json.RequiredNumber(json, "id"), Json.RequiredText(json, "name"), Json.RequiredNumber(json, "size"))
    {
        IsComplete = Json.Text(json, "state") is "uploaded",
        Digest = DotnetRelease.Digest.TryParse(Json.Text(json, "digest"), out var digest) ? digest : null,
        Url = Json.RequiredUrl(json, "url"),
        Download = Json.RequiredUrl(json, "browser_download_url"),
    };

    /// <summary>All of a list.</summary>
    internal static async Task<ImmutableArray<Asset>> OfAsync(IAsyncEnumerable<JsonElement> items, CancellationToken ct)
    {
        var assets = ImmutableArray.CreateBuilder<Asset>();
        await foreach (var item in items.WithCancellation(ct))
        {
            assets.Add(Of(item));
        }

        return assets.ToImmutable();
    }
}
