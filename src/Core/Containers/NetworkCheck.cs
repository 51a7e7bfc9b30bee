using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// Shows from inside a container of podman or docker that it has no network, right before the command starts and in the same process. It
/// needs a shell, as every build does, and nothing else of the image.
/// </summary>
internal static class NetworkCheck
{
    private const string Script = """
        refuse() { printf 'The container should have no network, but %s.\n' "$1"; exit 125; }
        n=0
        while IFS= read -r line; do
            n=$((n + 1))
            [ "$n" -le 2 ] && continue
            name=${line%%:*}
            name=${name##* }
            [ "$name" = lo ] || refuse "it has the interface $name"
        done < /proc/net/dev || refuse '/proc/net/dev cannot be read'
        [ "$n" -ge 2 ] || refuse '/proc/net/dev is empty'
        n=0
        while IFS= read -r line; do
            n=$((n + 1))
            [ "$n" -le 1 ] || refuse "it has the route $line"
        done < /proc/net/route || refuse '/proc/net/route cannot be read'
        printf "no network: 'lo' is the only interface, and there is no route\n"
        exec "$@"
        """;

    /// <summary>The command behind the check.</summary>
    internal static ImmutableArray<string> Before(ImmutableArray<string> command) => ["sh", "-c", Script, "sh", .. command];
}
