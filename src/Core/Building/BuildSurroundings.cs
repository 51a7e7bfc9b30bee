using DotnetRelease.Containers;

namespace DotnetRelease.Building;

/// <summary>What a build can see of where it runs although it is not one of its inputs. Nothing of it may show in the packages.</summary>
public sealed class BuildSurroundings
{
    /// <summary>
    /// On one of the processors that it may use, when the image has util-linux; rpm and most programs go by that. The rest of the words are
    /// the command.
    /// </summary>
    private const string OnOneProcessor =
        "if cpu=$(taskset -cp $$ 2> /dev/null); then cpu=${cpu##*: }; exec taskset -c \"${cpu%%[,-]*}\" \"$@\"; fi; exec \"$@\"";

    private BuildSurroundings()
    {
    }

    /// <summary>Those of every build.</summary>
    public static BuildSurroundings Usual { get; } = new();

    /// <summary>
    /// Those of a second build that is to give the same: another host name and user, one processor, sources put there in another order and
    /// with later times. The clock goes on by itself.
    /// </summary>
    public static BuildSurroundings Other { get; } = new();

    /// <summary>The same command in these surroundings.</summary>
    internal Sandbox Apply(Sandbox sandbox)
    {
        if (this == Usual)
        {
            return sandbox;
        }

        var elsewhere = sandbox.With("USER", "somebody").With("LOGNAME", "somebody").With("RPM_BUILD_NCPUS", "1");
        return elsewhere with { Hostname = "elsewhere.example.org", Command = ["sh", "-c", OnOneProcessor, "sh", .. sandbox.Command] };
    }

    /// <summary>The sources in the order in which they are put into their folder.</summary>
    internal IEnumerable<T> Order<T>(IEnumerable<T> sources) => this == Usual ? sources : sources.Reverse();

    /// <summary>Whether a file may be a link to the proven one, which has the time of that: the second build would see the same one.</summary>
    internal bool LinksFiles => this == Usual;

    /// <summary>The time that a copied file gets. A later one is clamped to the epoch by rpm, or the check finds it.</summary>
    internal DateTimeOffset TimeOfFiles(DateTimeOffset epoch) => this == Usual ? epoch : epoch.AddDays(1);
}
