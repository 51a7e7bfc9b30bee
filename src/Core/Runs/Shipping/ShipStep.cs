using System.Collections.Immutable;
using DotnetRelease.Facts;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// One step of a release. It decides from the world whether there is something to do, so that doing it twice is the same as doing it
/// once, and a run that was killed anywhere goes on with the first step that the world does not show.
/// </summary>
/// <param name="name">One word; also the name of its fail points.</param>
internal abstract class ShipStep(string name)
{
    /// <summary>One word: <c>build</c>, <c>sign</c>, ….</summary>
    internal string Name { get; } = name;

    /// <summary>Others can see what it does, so the plan is compared with the world once more before it.</summary>
    internal virtual bool IsOutward => false;

    /// <summary>It changes what users install, so somebody has to have said yes.</summary>
    internal virtual bool IsProduction => false;

    /// <summary>It waits for a person; nothing after it can be done in one go.</summary>
    internal virtual bool NeedsPerson => false;

    /// <summary>Looking is all it does.</summary>
    internal virtual bool IsProof => false;

    /// <summary>What it would do, one line for each action, from the plan alone: no network, no credentials.</summary>
    internal abstract IEnumerable<string> Actions();

    /// <summary>Whether the world shows it already. Reads only.</summary>
    internal abstract Task<StepView> LookAsync(CancellationToken ct);

    /// <summary>Does what is missing, proves it, and returns what is now true.</summary>
    internal abstract Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct);
}

/// <summary>What the world shows of a step.</summary>
/// <param name="IsDone">Nothing is left to do.</param>
/// <param name="Why">Why not, or what there is to do, as the end of a sentence.</param>
internal sealed record StepView(bool IsDone, string Why)
{
    /// <summary>What is true when it is done; what the ledger does not know of it was not witnessed.</summary>
    internal ImmutableArray<Fact> Facts { get; init; } = [];

    internal static StepView Done(string why) => new(true, why);

    internal static StepView Open(string why) => new(false, why);
}

/// <summary>How a step of a run ended, for people and JSON.</summary>
/// <param name="Name">Of the step.</param>
/// <param name="State"><c>done</c>, <c>skipped</c> or, in a dry run, <c>would</c>.</param>
/// <param name="Why">The reason, or the actions of a dry run.</param>
/// <param name="Time">How long it took.</param>
public sealed record ShippedStep(string Name, string State, string Why, TimeSpan Time);
