using DotnetRelease.Specs;

namespace DotnetRelease.Planning;

/// <summary>The spec that will be built: as it is, or as <c>spec update</c> will leave it.</summary>
/// <param name="Spec">What to plan with.</param>
/// <param name="Lag">What it lags behind, as a sentence; null when it is in line with the lock or nobody can say without running it.</param>
/// <param name="Version">The RPM's version.</param>
/// <param name="OwnVersion">The version that the spec has now.</param>
internal sealed record SpecPlan(SpecFile Spec, string? Lag, string Version, string OwnVersion)
{
    /// <exception cref="ReleaseException"><see cref="Fault.SpecLags"/> unless the request foresees the update.</exception>
    public static SpecPlan Of(RpmSettings rpm, SpecFolder folder, LockedChoice locked, PlanInputs inputs)
    {
        var tag = folder.Spec.Read(SpecFacts.None).Find("Version")!;
        if (locked.Version is not { } package || !tag.IsComplete)
        {
            // What only rpm can expand is compared after the build, in the sandbox.
            return new(folder.Spec, null, locked.Version is { } known ? PythonVersions.ToRpm(known.Version) : tag.Value, tag.Value);
        }

        var update = SpecUpdate.Make(SpecFollowing.RequestOf(rpm, folder, (package, locked.Packages), inputs.Settings));
        if (update.Changes.IsEmpty)
        {
            return new(folder.Spec, null, tag.Value, tag.Value);
        }

        // A raised release is only the consequence of the other edits.
        var isSame = PythonVersions.Match(tag.Value, package.Version);
        var first = update.Changes.FirstOrDefault(change => change.What is not "Release") ?? update.Changes[0];
        var lag = isSame
            ? $"{rpm.Spec} has version {tag.Value} as {package.Position} has, but line {first.Line} still has '{first.Old}' where the lock wants '{first.New}'"
            : $"{rpm.Spec} has version {tag.Value}, and {package.Position} has {package.Name} {package.Version}";
        return inputs.Request.ForeseeSpecUpdate
            ? new(update.Spec, lag, isSame ? tag.Value : PythonVersions.ToRpm(package.Version), tag.Value)
            : throw new ReleaseException(Fault.SpecLags, $"The spec of {rpm.Name} lags behind the lock: {lag}.", tag.Position)
            {
                Remedy = $"Run: dotnet release spec update {rpm.Name}",
            };
    }
}
