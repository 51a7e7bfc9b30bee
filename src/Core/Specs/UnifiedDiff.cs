using System.Text;

namespace DotnetRelease.Specs;

/// <summary>The difference of two specs in the form that <c>git apply</c> and people read.</summary>
public static class UnifiedDiff
{
    private const int Context = 3;

    /// <summary>The diff, empty when both have the same bytes.</summary>
    public static string Of(SpecFile before, SpecFile after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return Of((before.Path, after.Path), before.Lines.AsSpan(), after.Lines.AsSpan());
    }

    /// <summary>The same of another file beside a spec.</summary>
    internal static string Of(string path, string before, string after) => Of((path, path), Lines(before), Lines(after));

    private static ReadOnlySpan<SpecLine> Lines(string text) => SpecLine.Split(SpecLine.FromText(text)).ToArray();

    private static string Of((string Before, string After) path, ReadOnlySpan<SpecLine> before, ReadOnlySpan<SpecLine> after)
    {
        var edits = Edits(before, after);
        var text = new StringBuilder();
        foreach (var (start, end) in Hunks(edits))
        {
            if (text.Length is 0)
            {
                text.Append($"--- a/{path.Before}\n+++ b/{path.After}\n");
            }

            Write(text, edits, start, end);
        }

        return text.ToString();
    }

    /// <summary>
    /// All lines of both, in order: kept, removed or added. Myers' greedy algorithm (1986), whose cost grows with the number of
    /// differences and not with the length of the files.
    /// </summary>
    private static List<(char Sign, SpecLine Line)> Edits(ReadOnlySpan<SpecLine> old, ReadOnlySpan<SpecLine> now)
    {
        var (n, m) = (old.Length, now.Length);
        var furthest = new int[(2 * (n + m)) + 3];
        var middle = n + m + 1;
        List<int[]> rounds = [];
        for (var d = 0; d <= n + m; d++)
        {
            // Round d looks only at the diagonals from -d to d.
            rounds.Add(furthest[(middle - d - 1)..(middle + d + 2)]);
            for (var k = -d; k <= d; k += 2)
            {
                var x = k == -d || (k != d && furthest[middle + k - 1] < furthest[middle + k + 1])
                    ? furthest[middle + k + 1]
                    : furthest[middle + k - 1] + 1;
                while (x < n && x - k < m && old[x] == now[x - k])
                {
                    x++;
                }

                furthest[middle + k] = x;
                if (x >= n && x - k >= m)
                {
                    return WalkBack(old, now, rounds);
                }
            }
        }

        return [];
    }

    private static List<(char Sign, SpecLine Line)> WalkBack(ReadOnlySpan<SpecLine> old, ReadOnlySpan<SpecLine> now, List<int[]> rounds)
    {
        List<(char Sign, SpecLine Line)> edits = [];
        var (x, y) = (old.Length, now.Length);
        for (var d = rounds.Count - 1; d >= 0; d--)
        {
            var (furthest, k) = (rounds[d], x - y);
            var center = d + 1;
            var isAdded = k == -d || (k != d && furthest[center + k - 1] < furthest[center + k + 1]);
            var fromX = isAdded ? furthest[center + k + 1] : furthest[center + k - 1];
            var fromY = fromX - (isAdded ? k + 1 : k - 1);
            while (x > Math.Max(fromX, 0) && y > Math.Max(fromY, 0) && (x > fromX + (isAdded ? 0 : 1) || y > fromY + (isAdded ? 1 : 0)))
            {
                edits.Add((' ', old[x - 1]));
                (x, y) = (x - 1, y - 1);
            }

            if (d > 0)
            {
                edits.Add(isAdded ? ('+', now[fromY]) : ('-', old[fromX]));
                (x, y) = (fromX, fromY);
            }
        }

        edits.Reverse();
        return edits;
    }

    /// <summary>Ranges of edits with context; neighbours whose context touches are one.</summary>
    private static List<(int Start, int End)> Hunks(List<(char Sign, SpecLine Line)> edits)
    {
        List<(int Start, int End)> hunks = [];
        for (var at = 0; at < edits.Count; at++)
        {
            if (edits[at].Sign is ' ')
            {
                continue;
            }

            var (start, end) = (Math.Max(0, at - Context), Math.Min(edits.Count, at + Context + 1));
            if (hunks is [.., var last] && start <= last.End)
            {
                hunks[^1] = (last.Start, end);
            }
            else
            {
                hunks.Add((start, end));
            }
        }

        return hunks;
    }

    private static void Write(StringBuilder text, List<(char Sign, SpecLine Line)> edits, int start, int end)
    {
        var oldStart = edits.Take(start).Count(edit => edit.Sign is not '+');
        var newStart = edits.Take(start).Count(edit => edit.Sign is not '-');
        var hunk = edits[start..end];
        text.Append($"@@ -{Range(oldStart, hunk.Count(edit => edit.Sign is not '+'))} +{Range(newStart, hunk.Count(edit => edit.Sign is not '-'))} @@\n");
        foreach (var (sign, line) in hunk)
        {
            text.Append(sign).Append(SpecLine.ToText(line.Text));
            text.Append(line.Ending.Length is 0 ? "\n\\ No newline at end of file\n" : line.Ending);
        }
    }

    // A range of no lines names the line before it.
    private static string Range(int start, int count) => count is 1 ? $"{start + 1}" : $"{(count is 0 ? start : start + 1)},{count}";
}
