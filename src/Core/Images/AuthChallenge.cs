using System.Collections.Immutable;

namespace DotnetRelease.Images;

/// <summary>One challenge of a <c>WWW-Authenticate</c> header (RFC 9110, 11.6.1).</summary>
/// <param name="Scheme">Lower case: <c>bearer</c>, <c>basic</c>, ….</param>
/// <param name="Parameters">Names in lower case, values unescaped; the first of two with one name counts.</param>
internal sealed record AuthChallenge(string Scheme, ImmutableDictionary<string, string> Parameters)
{
    private const int LengthLimit = 8192;

    /// <summary>
    /// Reads all challenges of all header lines. Registries spell them in every way: spaces around <c>=</c>, values without quotes,
    /// empty list items, several schemes in one line. What cannot be a parameter is taken for the next scheme, never for an error.
    /// </summary>
    internal static ImmutableArray<AuthChallenge> Parse(IEnumerable<string> headers) =>
        [.. headers.Where(header => header.Length <= LengthLimit).SelectMany(header => new Reader(header).Challenges())];

    private sealed class Reader(string text)
    {
        private int _at;

        private bool Ended => _at >= text.Length;

        internal IEnumerable<AuthChallenge> Challenges()
        {
            AuthChallenge? current = null;
            while (SkipTo(' ', '\t', ','))
            {
                var word = Word();
                if (word.Length is 0)
                {
                    _at++;
                }
                else if (Value() is not { } value)
                {
                    if (current is not null)
                    {
                        yield return current;
                    }

                    current = new(word.ToLowerInvariant(), ImmutableDictionary<string, string>.Empty);
                }
                else if (current is not null && !current.Parameters.ContainsKey(word.ToLowerInvariant()))
                {
                    current = current with { Parameters = current.Parameters.Add(word.ToLowerInvariant(), value) };
                }
            }

            if (current is not null)
            {
                yield return current;
            }
        }

        /// <summary>Skips the given characters; false at the end.</summary>
        private bool SkipTo(params ReadOnlySpan<char> skipped)
        {
            while (!Ended && skipped.Contains(text[_at]))
            {
                _at++;
            }

            return !Ended;
        }

        private string Word()
        {
            var start = _at;
            while (!Ended && text[_at] is not (' ' or '\t' or ',' or '=' or '"'))
            {
                _at++;
            }

            return text[start.._at];
        }

        /// <summary>What follows <c>=</c>; null when no <c>=</c> follows, so that the word before was a scheme.</summary>
        private string? Value()
        {
            var start = _at;
            if (!SkipTo(' ', '\t') || text[_at] is not '=')
            {
                _at = start;
                return null;
            }

            _at++;
            return !SkipTo(' ', '\t') ? "" : text[_at] is '"' ? Quoted() : Unquoted();
        }

        private string Unquoted()
        {
            var start = _at;
            while (!Ended && text[_at] is not (' ' or '\t' or ','))
            {
                _at++;
            }

            return text[start.._at];
        }

        private string Quoted()
        {
            var value = new System.Text.StringBuilder();
            for (_at++; !Ended && text[_at] is not '"'; _at++)
            {
                if (text[_at] is '\\' && _at + 1 < text.Length)
                {
                    _at++;
                }

                value.Append(text[_at]);
            }

            _at = Math.Min(_at + 1, text.Length);
            return value.ToString();
        }
    }
}
