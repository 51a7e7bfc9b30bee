using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace DotnetRelease.Lockfiles;

/// <summary>
/// requirements.txt as a lock, as pip-compile and <c>uv export</c> write it: every package pinned by <c>==</c> or from a URL, with digests that
/// have no file names.
/// </summary>
internal static partial class RequirementsText
{
    /// <summary>Whether the first line that says something is a requirement or an option of pip.</summary>
    public static bool Recognises(ReadOnlySpan<char> line) =>
        line is ['-', '-' or 'i' or 'r' or 'c' or 'e', ..] || Requirement().IsMatch(WithoutComment(line.ToString()).TrimEnd('\\').TrimEnd());

    public static Lockfile Read(LockText text)
    {
        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var (at, line) in Meant(text))
        {
            if (!line.StartsWith('-'))
            {
                list.Merge(Package(text, at, line));
            }
            else if (line.StartsWith("-r", StringComparison.Ordinal) || line.StartsWith("--requirement", StringComparison.Ordinal))
            {
                throw text.Invalid(at, 0, "A list of requirements that includes another one is no lock by itself. Name the lock that pip-compile wrote.");
            }
        }

        return list.ToLockfile(text.Path, "requirements", "1");
    }

    /// <summary>The lines that mean something: without comments, and joined where a backslash ends them.</summary>
    private static IEnumerable<(int At, string Text)> Meant(LockText text)
    {
        for (var at = 0; at < text.Lines.Length; at++)
        {
            var start = at;
            var line = WithoutComment(text.Lines[at]);
            while (line.EndsWith('\\') && at + 1 < text.Lines.Length)
            {
                line = line[..^1].TrimEnd() + " " + WithoutComment(text.Lines[++at]);
            }

            if (line.Length > 0)
            {
                yield return (start, line);
            }
        }
    }

    /// <summary>A comment begins at the start of a line or behind a blank; the fragment of a URL does not.</summary>
    private static string WithoutComment(string line)
    {
        var trimmed = line.Trim();
        var hash = trimmed.StartsWith('#') ? 0 : trimmed.IndexOf(" #", StringComparison.Ordinal);
        return hash < 0 ? trimmed : trimmed[..hash].TrimEnd();
    }

    private static LockedPackage Package(LockText text, int at, string line)
    {
        if (Requirement().Match(line) is not { Success: true } match)
        {
            throw text.Invalid(at, 0, $"Expected NAME==VERSION or NAME @ URL, found '{LockedValues.Shown(line)}'. Only pinned requirements are a lock.");
        }

        var name = match.Groups["name"].Value;
        var url = match.Groups["url"].Value;
        if (!PythonName.IsValid(name))
        {
            throw text.Invalid(at, 0, $"'{LockedValues.Shown(name)}' is no package name of letters, digits and . _ -.");
        }

        if (LockedPlace.Refuse(url) is { } why)
        {
            throw text.Invalid(at, 0, $"The source of {name} {why}");
        }

        return new(PythonName.Normalize(name), name, url.Length > 0 ? "dynamic" : match.Groups["version"].Value, [], text.At(at))
        {
            Source = url.Length is 0 ? LockedSource.DefaultIndex : new(url.StartsWith("git+", StringComparison.Ordinal) ? LockedSourceKind.Git : LockedSourceKind.Url, url),
            Markers = match.Groups["marker"].Value.Trim() is { Length: > 0 } marker ? [marker] : [],
            NamelessDigests = Digests(text, at, match.Groups["rest"].Value),
        };
    }

    private static ImmutableArray<LockDigest> Digests(LockText text, int at, string options)
    {
        var digests = ImmutableArray.CreateBuilder<LockDigest>();
        foreach (var option in options.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!option.StartsWith("--hash=", StringComparison.Ordinal))
            {
                throw text.Invalid(at, 0, $"Expected --hash=sha256:DIGEST, found '{LockedValues.Shown(option)}'.");
            }

            var said = option["--hash=".Length..];
            var kind = LockedValues.KindOf(said.Split(':')[0]);
            if (kind is null or LockDigestKind.Sha1)
            {
                throw text.Invalid(at, 0, $"'{LockedValues.Shown(said)}' is no digest of sha256, sha384 or sha512.");
            }

            var hex = said[(said.IndexOf(':', StringComparison.Ordinal) + 1)..];
            digests.Add(LockDigest.FromHex(kind.Value, hex)
                ?? throw text.Invalid(at, 0, $"A digest must be {LockDigest.HexLengthOf(kind.Value)} hexadecimal digits, found '{LockedValues.Shown(hex)}' with {hex.Length}."));
        }

        return digests.DrainToImmutable();
    }

    [GeneratedRegex(
        @"^(?<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[A-Za-z0-9,._\s-]*\])?\s*(===?\s*(?<version>[A-Za-z0-9._+!-]+)|@\s*(?<url>\S+))\s*(;(?<marker>.*?))?\s*(?<rest>(\s--\S.*)?)$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Requirement();
}
