namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// Somebody has to say the name of the repository that users install from before anything goes there: at a terminal, or beforehand with
/// an option that counts only for the plan it was given for.
/// </summary>
/// <param name="plan">The plan that is shown.</param>
/// <param name="request">What was asked for, with the answer.</param>
internal sealed class ShipProduction(ShipPlan plan, ShipRequest request)
{
    private bool _isConfirmed;

    /// <summary>Gets the answer, once.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.AnswerNeeded"/>, <see cref="Fault.Usage"/> or <see cref="Fault.ShipPlanChanged"/>.</exception>
    internal async Task ConfirmAsync(CancellationToken ct)
    {
        if (_isConfirmed || plan.Production is not { Name: var name })
        {
            return;
        }

        var option = $"--yes-to {name}@{plan.ShortDigest}";
        if (request.Yes is { } yes)
        {
            Check(yes, name, option);
        }
        else if (request.Ask is not { } ask)
        {
            throw new ReleaseException(Fault.AnswerNeeded, $"Users install from repository '{name}', and nobody said yes to it.") { Remedy = $"See what would be done with --dry-run, then add: {option}" };
        }
        else if (await ask(name, ct) != name)
        {
            throw new ReleaseException(Fault.AnswerNeeded, $"The answer was not '{name}'; nothing went there.") { Remedy = "" };
        }

        _isConfirmed = true;
    }

    private void Check(ProductionAnswer yes, string name, string option)
    {
        if (yes.Repository != name)
        {
            throw new ReleaseException(Fault.Usage, $"--yes-to names '{yes.Repository}', and users install from repository '{name}'.") { Remedy = $"Say it exactly: {option}" };
        }

        if (yes.Plan is { } digits && (digits.Length < 8 || !plan.Digest.Hex.StartsWith(digits, StringComparison.Ordinal)))
        {
            throw new ReleaseException(Fault.ShipPlanChanged, $"--yes-to was given for plan {digits}, and the plan is now {plan.ShortDigest}.") { Remedy = $"Look at it with --dry-run, then add: {option}" };
        }
    }
}
