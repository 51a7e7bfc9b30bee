using System.Globalization;
using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>
/// A build may leave no process behind: whether one in the background had done its work when rpmbuild packed the files is chance. So the build runs
/// below a shell that looks who is still there at the end, a moment later too, because who is ending may.
/// </summary>
internal static class Lingering
{
    /// <summary>How the shell ends when the build ended well and something of it is still running; rpmbuild has no such code.</summary>
    public const int Code = 201;

    private const string Prefix = "still running after the build: ";

    /// <summary>With what every shell has, and sleep, which rpmbuild needs as well.</summary>
    private static readonly string Script = string.Create(CultureInfo.InvariantCulture, $$"""
        before=" $(echo /proc/[0-9]*) "
        "$@" || exit
        looks=0
        while :; do
            left=
            for each in /proc/[0-9]*; do
                case "$before /proc/$$ " in *" $each "*) continue ;; esac
                { read -r line < "$each/stat"; } 2> /dev/null || continue
                case "$line" in *") Z "* | *") X "*) continue ;; esac
                left="$left, ${line%%)*})"
            done
            [ -n "$left" ] || exit 0
            looks=$((looks + 1))
            [ "$looks" -lt 10 ] || break
            sleep 0.1
        done
        echo "{{Prefix}}${left#, }"
        exit {{Code}}
        """);

    /// <summary>The same command, watched.</summary>
    public static Sandbox Watch(Sandbox sandbox) => sandbox with { Command = ["sh", "-c", Script, "sh", .. sandbox.Command] };

    /// <summary>The processes that a log names at its end, as <c>41 (gpg-agent)</c>; null when it names none.</summary>
    public static string? Find(string log)
    {
        var at = log.LastIndexOf(Prefix, StringComparison.Ordinal);
        return at < 0 ? null : log[(at + Prefix.Length)..].Split('\n')[0].Trim();
    }
}
