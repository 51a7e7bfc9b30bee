namespace DotnetRelease.Http;

/// <summary>
/// Which URLs may be asked. Redirects are followed by hand with these rules: HttpClient's own following carries custom headers to
/// other hosts.
/// </summary>
internal static class UrlRules
{
    /// <summary>How messages show a URL: without user, query and fragment.</summary>
    internal static string Show(Uri url) => url.Query.Length > 1
        ? $"{url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}?…"
        : url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Refuses what no request may be sent to.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.UrlRefused"/>.</exception>
    internal static void Check(Uri url, HttpAsk ask)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("https" or "http") || url.Host.Length is 0)
        {
            throw Refuse($"'{(url.IsAbsoluteUri ? Show(url) : url.OriginalString)}' is no https URL");
        }

        if (url.UserInfo.Length > 0)
        {
            throw Refuse($"The URL '{Show(url)}' carries a user name; credentials do not belong into URLs");
        }

        var plainIsFine = Reaches.OfText(url.Host) is Reach.Loopback || (ask.AllowPlain && SameHost(url, ask.Url));
        if (url.Scheme is "http" && !plainIsFine)
        {
            throw Refuse($"'{Show(url)}' is plain http");
        }
    }

    /// <summary>The next hop, or null when the answer is no redirect.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.UrlRefused"/> when the hop may not be taken; nothing was sent to it.</exception>
    internal static Uri? Follow(HttpResponseMessage response, HttpAsk ask)
    {
        var from = response.RequestMessage!.RequestUri!;
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            return null;
        }

        // The typed header would read "/path" as a file name on Unix.
        var location = response.Headers.NonValidated.TryGetValues("Location", out var values) ? values.ToString() : null;
        if (location is null || !Uri.TryCreate(from, location, out var to))
        {
            throw new ReleaseException(Fault.RemoteFailed, $"{ask} -> {HttpHead.Say(response.StatusCode)} without a usable Location.");
        }

        try
        {
            Check(to, ask);
        }
        catch (ReleaseException refused)
        {
            throw Refuse($"{Show(from)} redirects to a place that is not followed: {refused.Message.TrimEnd('.')}");
        }

        if (from.Scheme is "https" && to.Scheme is "http")
        {
            throw Refuse($"{Show(from)} redirects to the weaker {Show(to)}");
        }

        return IsTooNear(ask.Url, to) ? throw RefuseNear(from, to) : to;
    }

    /// <summary>A server may lead to the Internet, or to its own kind of place.</summary>
    internal static bool MayLead(Reach from, Reach to) => to is Reach.Public || (to == from && to is not Reach.Forbidden);

    /// <summary>Headers meant for one host and port go to no other.</summary>
    internal static bool SameOrigin(Uri one, Uri other) => SameHost(one, other) && one.Port == other.Port && one.Scheme == other.Scheme;

    internal static ReleaseException RefuseNear(Uri from, Uri to) =>
        Refuse($"{Show(from)} redirects to {Show(to)}, an address of a private or local network");

    // A name alone says nothing yet; Transport judges it by its addresses.
    private static bool IsTooNear(Uri first, Uri to) =>
        Reaches.OfText(to.Host) is { } reach && !SameHost(first, to) && !MayLead(Reaches.OfText(first.Host) ?? Reach.Public, reach);

    private static bool SameHost(Uri one, Uri other) => one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static ReleaseException Refuse(string detail) => new(Fault.UrlRefused, detail + ". No request was sent to it.")
    {
        Remedy = "Use an https URL without a user name that serves the file itself.",
    };
}
