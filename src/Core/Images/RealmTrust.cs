namespace DotnetRelease.Images;

/// <summary>
/// Which token servers may see the login of a registry. The challenge chooses the server, and a proxy or a storage host may have written
/// it: the login goes to the registry itself, or to a neighbour under a name that has one owner. Anonymous tokens may come from anywhere.
/// </summary>
internal static class RealmTrust
{
    /// <summary>Names below which strangers get places of their own. What is missing here is decided by the owner of the registry anyway.</summary>
    private static readonly string[] Shared =
    [
        "azurecr.io", "amazonaws.com", "on.aws", "pkg.dev", "jfrog.io", "aliyuncs.com", "myhuaweicloud.com", "tencentcloudcr.com", "ocir.io",
        "scw.cloud", "ovh.net", "github.io", "gitlab.io", "pages.dev", "workers.dev", "run.app", "web.app", "appspot.com", "herokuapp.com",
        "azurewebsites.net", "windows.net", "cloudapp.net", "cloudfront.net", "netlify.app", "vercel.app", "fly.dev", "ngrok.io", "ngrok.app",
        "duckdns.org", "googleusercontent.com", "googleapis.com",
    ];

    /// <summary>Whether the login of <paramref name="registry"/> may be sent to <paramref name="realm"/>.</summary>
    internal static bool Covers(Uri registry, Uri realm)
    {
        if (registry.Scheme != realm.Scheme || registry.Port != realm.Port)
        {
            return false;
        }

        return registry.IdnHost.Equals(realm.IdnHost, StringComparison.OrdinalIgnoreCase)
            || (realm.IsDefaultPort && Owner(registry) is { } owner && owner == Owner(realm));
    }

    /// <summary>The name that somebody registered, <c>docker.io</c> of <c>auth.docker.io</c>; null where it cannot be told.</summary>
    private static string? Owner(Uri url)
    {
        var host = url.IdnHost.ToLowerInvariant();
        var labels = host.Split('.');
        if (url.HostNameType is not UriHostNameType.Dns || labels.Contains("")
            || Array.Exists(Shared, name => host == name || host.EndsWith("." + name, StringComparison.Ordinal)))
        {
            return null;
        }

        // Short names below a country (co.uk, com.au) are mostly registries' own; a short name of one owner loses its neighbours.
        const int shortest = 3;
        var count = labels is [.., { Length: <= shortest }, { Length: 2 }] ? 3 : 2;
        return labels.Length >= count ? string.Join('.', labels[^count..]) : null;
    }
}
