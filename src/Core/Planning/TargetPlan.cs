using System.Collections.Immutable;

namespace DotnetRelease.Planning;

/// <summary>Which targets an RPM is built for, and whether there is something to do on each.</summary>
internal static class TargetPlan
{
    /// <summary>The targets of an RPM that were asked for and have not ended, once per machine.</summary>
    public static ImmutableArray<TargetInputs> Choose(RpmSettings rpm, PlanInputs inputs, PlanSteps steps)
    {
        var request = inputs.Request;
        var chosen = ImmutableArray.CreateBuilder<TargetInputs>();
        foreach (var target in rpm.Targets.Select(name => inputs.Settings.FindTarget(name)!))
        {
            var isNamed = request.Targets.Contains(target.Name, StringComparer.Ordinal);
            if (!request.Targets.IsEmpty && !isNamed)
            {
                continue;
            }

            // Somebody who names an ended target knows why.
            if (!isNamed && target.Eol < request.Today)
            {
                steps.Skip(rpm, target, $"{target.Name} reached its end of life on {target.Eol:yyyy-MM-dd}; name it with --target to build all the same");
                continue;
            }

            chosen.AddRange(
                from arch in target.Archs
                where request.Archs.IsEmpty || request.Archs.Contains(arch, StringComparer.Ordinal)
                where request.Only.IsEmpty || request.Only.Any(cell => cell.Means(rpm.Name, target.Name, arch))
                select new TargetInputs(target, arch, inputs.Images.GetValueOrDefault(target.Image))
                {
                    Compression = inputs.Settings.Compression,
                    Smoke = rpm.Smoke,
                    Root = inputs.Roots.GetValueOrDefault(new(target.Name, arch, rpm.Name))?.Digest,
                });
        }

        if (chosen.Count is 0)
        {
            steps.Skip(rpm, rpm.Targets.IsEmpty ? "the settings have no target" : "none of its targets is left");
        }

        return chosen.ToImmutable();
    }

    /// <summary>What the last build of an RPM on a target and machine left, or null.</summary>
    public static BuildRecord? FindLast(PlanInputs inputs, RpmSettings rpm, TargetInputs target) => inputs.Built.LastOrDefault(record =>
        record.Rpm == rpm.Name && record.Target == target.Settings.Name && record.Arch == target.Arch);

    /// <summary>The finished decision for one target and machine.</summary>
    public static PlannedTarget Decide(TargetInputs target, TargetResults results, BuildInputs inputs, BuildRecord? last)
    {
        var settings = target.Settings;
        var isSame = last?.InputsKey == inputs.Key && target.Image is not null;
        var isDone = isSame && (target.Root is null || last!.Root is null || last.Root == target.Root);
        var why = (isDone, last) switch
        {
            (true, _) => $"built from exactly these inputs: {string.Join(", ", last!.Files.Select(file => file.Name))}",
            (_, null) => "not built yet",
            _ when isSame => $"the packages of its build root in {ReleaseLock.FileName} are not those of the last build",
            _ => inputs.Difference(last.Parts),
        };
        if (!isDone && settings.EngineHost is { } host)
        {
            why += $"; by the engine at {host}";
        }

        if (!isDone && target.Smoke is not null)
        {
            why += "; then installed, updated and removed once";
        }

        return new PlannedTarget(
            settings.Name,
            settings.Image,
            target.Image?.Digest,
            target.Arch,
            results.Kept,
            isDone ? TargetState.UpToDate : TargetState.Build,
            $"{why}; image {settings.Image}: {target.Image?.Origin ?? "not looked up"}")
        {
            Inputs = inputs,
            Aside = results.Aside,
            HasOtherArchs = settings.Archs.Length > 1,
        };
    }
}
