using DotnetRelease.Runs;
using DotnetRelease.Tool.Reporting;

namespace DotnetRelease.Tool.Commands;

/// <summary>
/// A person agrees to a plan by typing the repository's name, or beforehand by the plan's number. A plain "yes" would also agree to
/// what the plan has become meanwhile.
/// </summary>
internal static class Confirmation
{
    /// <exception cref="ReleaseException"><see cref="Fault.AnswerNeeded"/> or <see cref="Fault.PlanChanged"/>.</exception>
    public static void Require(Session session, LifePlan plan, string? given)
    {
        if (given is not null)
        {
            plan.Require(given);
            return;
        }

        if (plan.IsEmpty)
        {
            return;
        }

        if (Console.IsInputRedirected || !Terminal.IsInteractive || session.Json)
        {
            throw Needed($"Nobody can be asked here whether to change '{plan.Repository}' in {plan.Actions.Length} steps; nothing was done.", plan);
        }

        Console.Error.WriteLine(string.Join('\n', plan.Actions));
        Console.Error.Write($"Type the name of the repository to do this ({plan.Repository}): ");
        if (!string.Equals(Console.ReadLine()?.Trim(), plan.Repository, StringComparison.Ordinal))
        {
            throw Needed($"That was not '{plan.Repository}'; nothing was done.", plan);
        }
    }

    private static ReleaseException Needed(string what, LifePlan plan) => new(Fault.AnswerNeeded, what)
    {
        Remedy = $"Look at the plan with --dry-run; to do exactly that, add --plan {plan.Id}.",
    };
}
