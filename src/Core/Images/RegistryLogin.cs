using System.Text;

namespace DotnetRelease.Images;

/// <summary>
/// A user's right at a registry: a name with a password, or an identity token that is exchanged for others. No record, because the text of
/// a record shows its members.
/// </summary>
internal sealed class RegistryLogin
{
    private RegistryLogin(string? basic, string? identityToken) => (Basic, IdentityToken) = (basic, identityToken);

    /// <summary>The value of <c>Authorization</c> (RFC 7617); null for an identity token.</summary>
    internal string? Basic { get; }

    /// <summary>A refresh token (distribution specification, OAuth2); null for a password.</summary>
    internal string? IdentityToken { get; }

    /// <summary>A name and its password; the redactor knows them from here on.</summary>
    internal static RegistryLogin OfPassword(string user, string password)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        Redactor.Shared.Learn(password);
        Redactor.Shared.Learn(encoded);
        return new($"Basic {encoded}", null);
    }

    /// <summary>What <c>docker login</c> keeps instead of a password; the redactor knows it from here on.</summary>
    internal static RegistryLogin OfIdentityToken(string token)
    {
        Redactor.Shared.Learn(token);
        return new(null, token);
    }

    /// <summary>The entry of a login file; null when it holds nothing, as for a login that a helper keeps.</summary>
    /// <exception cref="FormatException"><c>auth</c> is not the base64 of <c>name:password</c>.</exception>
    internal static RegistryLogin? OfEntry(OciJson entry)
    {
        if (entry.AsObject().FindText("identitytoken") is { Length: > 0 } token)
        {
            return OfIdentityToken(token);
        }

        if (entry.FindText("auth") is { Length: > 0 } auth)
        {
            Redactor.Shared.Learn(auth);

            // Old versions of docker fill the text up with NUL.
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(auth)).TrimEnd('\0');
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? OfPassword(text[..colon], text[(colon + 1)..]) : throw new FormatException("no name:password");
        }

        return (entry.FindText("username"), entry.FindText("password")) is ({ Length: > 0 } user, { Length: > 0 } password)
            ? OfPassword(user, password)
            : null;
    }

    /// <summary>The answer of a credential helper.</summary>
    internal static RegistryLogin OfHelper(OciJson answer)
    {
        var (user, secret) = (answer["Username"].Text(), answer["Secret"].Text());
        return user is "<token>" ? OfIdentityToken(secret) : OfPassword(user, secret);
    }
}

/// <summary>What came of the search for a login.</summary>
/// <param name="login">Null when there is none.</param>
/// <param name="words">Where it is from, or why there is none: a part of a sentence, without any secret.</param>
internal sealed class FoundLogin(RegistryLogin? login, string words)
{
    internal RegistryLogin? Login => login;

    internal string Words => words;
}
