using System.Buffers;
using System.Collections;
using System.Text;

namespace DotnetRelease;

/// <summary>
/// Knows the secrets of this process and hides them, in every usual encoding, from whatever leaves it as text: results, progress,
/// messages, logs, the ledger. Whoever reads a secret tells it to <see cref="Shared"/> before using it.
/// </summary>
public sealed class Redactor
{
    /// <summary>What stands where a secret was.</summary>
    public const string Placeholder = "***";

    /// <summary>A variable of this name holds a secret, whatever program it is for.</summary>
    private static readonly string[] SecretEndings = ["TOKEN", "PASSWORD", "PASSPHRASE", "SECRET", "SECRET_ACCESS_KEY", "PRIVATE_KEY", "API_KEY"];

    /// <summary>Names end like that by chance too, and then the value is a word such as <c>true</c>.</summary>
    private const int ShortestByName = 8;

    private readonly Lock _learning = new();
    private volatile Known _known = Known.Nothing;

    /// <summary>The one that the doors, and everything that writes files, ask.</summary>
    public static Redactor Shared { get; } = new();

    /// <summary>Whether there is anything to hide.</summary>
    public bool IsEmpty => _known.Forms.Count is 0;

    /// <summary>Takes note of a secret. From now on this process leaves no core dump either.</summary>
    public void Learn(string? secret)
    {
        if (string.IsNullOrWhiteSpace(secret))
        {
            return;
        }

        lock (_learning)
        {
            var forms = new HashSet<string>(_known.Forms, StringComparer.Ordinal);
            forms.UnionWith(SecretForms.Of(secret));
            if (forms.Count > _known.Forms.Count)
            {
                _known = new Known(forms);
                CoreDumps.Forbid();
            }
        }
    }

    /// <summary>Takes note of what stands before the <c>@</c> of a URL: the password, or a token in its place.</summary>
    public void LearnUserInfo(string? url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.UserInfo is { Length: > 0 } info)
        {
            var secret = info[(info.IndexOf(':', StringComparison.Ordinal) + 1)..];
            Learn(secret);
            Learn(Uri.UnescapeDataString(secret));
        }
    }

    /// <summary>Takes note of the variables that hold secrets by their name, and of proxies' passwords.</summary>
    public void LearnEnvironment(IDictionary environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        foreach (DictionaryEntry variable in environment)
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value);
            if (value is { Length: >= ShortestByName } && Array.Exists(SecretEndings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            {
                Learn(value);
            }
            else if (name.EndsWith("_PROXY", StringComparison.OrdinalIgnoreCase))
            {
                LearnUserInfo(value);
            }
        }
    }

    /// <summary>The text without any secret.</summary>
    public string Hide(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var known = _known;
        return known.Forms.Count is 0 || known.Find(text, 0) < 0 ? text : Replace(text, known.Ranges(text));
    }

    /// <summary>Whether the text has a secret in it.</summary>
    public bool Reveals(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _known.Find(text, 0) >= 0;
    }

    /// <summary>Everything that goes through the result is free of secrets, also of those that come in several pieces.</summary>
    /// <param name="open">Called before the first text: many runs never say anything.</param>
    public TextWriter Guard(Func<TextWriter> open) => new RedactedWriter(this, open);

    /// <summary>
    /// Where a text that goes on may be cut: what stands behind could be the beginning of a secret. Everything before is complete.
    /// </summary>
    internal int SafeLength(string text)
    {
        var known = _known;
        var earliest = Math.Max(0, text.Length - known.Longest + 1);
        var ranges = known.Ranges(text);
        for (var at = earliest; at < text.Length; at++)
        {
            // The end of a secret that is complete begins no other one.
            if (ranges.Find(range => range.Start < at && at < range.End) is { End: > 0 } inside)
            {
                at = inside.End - 1;
            }
            else if (known.MayBegin(text.AsSpan(at)))
            {
                return at;
            }
        }

        return text.Length;
    }

    private static string Replace(string text, List<(int Start, int End)> ranges)
    {
        var hidden = new StringBuilder(text.Length);
        var at = 0;
        foreach (var (start, end) in ranges)
        {
            hidden.Append(text, at, start - at).Append(Placeholder);
            at = end;
        }

        return hidden.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>All forms at one moment; never changed, so that reading needs no lock.</summary>
    private sealed class Known(HashSet<string> forms)
    {
        // No immutable set: every start of the tool would wait for its types.
        internal static readonly Known Nothing = new([]);

        internal HashSet<string> Forms => forms;

        /// <summary>Made when first needed: the lines of a key are learned one by one.</summary>
        private SearchValues<string> Search => field ??= SearchValues.Create([.. forms], StringComparison.Ordinal);

        internal int Longest { get; } = forms.Count is 0 ? 0 : forms.Max(form => form.Length);

        /// <summary>Where the next form begins, or -1.</summary>
        internal int Find(string text, int from) => text.AsSpan(from).IndexOfAny(Search) is >= 0 and var at ? from + at : -1;

        /// <summary>The ranges that forms take; those that overlap are one.</summary>
        internal List<(int Start, int End)> Ranges(string text)
        {
            var ranges = new List<(int Start, int End)>();
            for (var at = Find(text, 0); at >= 0; at = Find(text, at + 1))
            {
                var end = at + forms.Where(form => text.AsSpan(at).StartsWith(form, StringComparison.Ordinal)).Max(form => form.Length);
                if (ranges is [.., var last] && at < last.End)
                {
                    ranges[^1] = (last.Start, Math.Max(last.End, end));
                }
                else
                {
                    ranges.Add((at, end));
                }
            }

            return ranges;
        }

        internal bool MayBegin(ReadOnlySpan<char> tail)
        {
            foreach (var form in forms)
            {
                if (form.Length > tail.Length && form.AsSpan().StartsWith(tail, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
