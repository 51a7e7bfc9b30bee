using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace DotnetRelease.Processes;

/// <summary>Reads <c>gpg --with-colons</c>; the fields are those of GnuPG's <c>doc/DETAILS</c>, counted from 1 there and from 0 here.</summary>
internal static partial class GpgColons
{
    /// <summary>The certificates in the order of the list. Lines of other kinds are passed over, as GnuPG asks of readers.</summary>
    internal static ImmutableArray<GpgCertificate> Parse(string text)
    {
        var certificates = ImmutableArray.CreateBuilder<GpgCertificate>();
        List<Draft> keys = [];
        List<string> userIds = [];
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split(':');
            switch (fields[0])
            {
                case "pub" or "sec":
                    Finish();
                    keys.Add(new Draft(fields));
                    break;
                case "sub" or "ssb" when keys.Count > 0:
                    keys.Add(new Draft(fields));
                    break;
                case "fpr" when keys.Count > 0:
                    keys[^1].Fingerprint ??= Field(fields, 9);
                    break;
                case "grp" when keys.Count > 0:
                    keys[^1].Keygrip ??= Field(fields, 9);
                    break;
                case "uid" when keys.Count > 0:
                    userIds.Add(Unescape(Field(fields, 9)));
                    break;
                case "sig" when keys.Count > 0:
                    keys[^1].Vouch(fields, keys[0].Fingerprint);
                    break;
            }
        }

        Finish();
        return certificates.ToImmutable();

        void Finish()
        {
            if (keys.Count > 0)
            {
                certificates.Add(new GpgCertificate(keys[0].ToKey(), [.. keys.Skip(1).Select(key => key.ToKey())], [.. userIds]));
                keys.Clear();
                userIds.Clear();
            }
        }
    }

    private static string Field(string[] fields, int index) => index < fields.Length ? fields[index] : "";

    private static int Number(string[] fields, int index) => int.TryParse(Field(fields, index), NumberStyles.None, null, out var number) ? number : 0;

    private static DateTimeOffset? Time(string[] fields, int index) =>
        long.TryParse(Field(fields, index), NumberStyles.None, null, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Hardly any name has something to unescape, and loading the engine of expressions takes longer than gpg.</summary>
    private static string Unescape(string text) =>
        text.Contains('\\', StringComparison.Ordinal) ? Escape().Replace(text, match => ((char)Convert.ToByte(match.Groups["hex"].Value, 16)).ToString()) : text;

    [GeneratedRegex(@"\\x(?<hex>[0-9a-fA-F]{2})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();

    private sealed class Draft(string[] fields)
    {
        private DateTimeOffset _vouched = DateTimeOffset.MinValue;
        private int _vouchedWith;

        internal string? Fingerprint { get; set; }

        internal string? Keygrip { get; set; }

        /// <summary>Takes the hash of a self-signature on a user id (10 to 13) or of a subkey binding (18); the newest counts.</summary>
        internal void Vouch(string[] signature, string? primary)
        {
            var self = string.Equals(Field(signature, 12), primary, StringComparison.Ordinal);
            if (self && Field(signature, 10) is ['1', '0' or '1' or '2' or '3' or '8', ..] && Time(signature, 5) is { } made && made >= _vouched)
            {
                (_vouched, _vouchedWith) = (made, Number(signature, 15));
            }
        }

        internal GpgKey ToKey() => new(Fingerprint ?? "", Time(fields, 5) ?? DateTimeOffset.UnixEpoch, Time(fields, 6))
        {
            Validity = Field(fields, 1) is [var letter, ..] ? letter : '-',
            Algorithm = Number(fields, 3),
            Bits = Number(fields, 2),
            CanSign = Field(fields, 11).Contains('s', StringComparison.Ordinal),
            // '#' stands for a key whose secret part was left out on purpose; '+' and a card's number for one that is there.
            HasSecret = Field(fields, 14) is { Length: > 0 } token && token is not "#",
            SelfSignatureHash = _vouchedWith,
            Keygrip = Keygrip ?? "",
        };
    }
}
