namespace DotnetRelease.Specs;

/// <summary>Brings <c>Version:</c>, or the macros it is made of, to a version.</summary>
internal static class VersionEdit
{
    /// <summary>False when the spec has the version already.</summary>
    public static bool Apply(SpecDraft draft, string locked)
    {
        var tag = draft.Spec.Read(SpecFacts.None).Find("Version")!;
        if (tag.IsComplete && PythonVersions.Match(tag.Value, locked))
        {
            return false;
        }

        var version = PythonVersions.ToRpm(locked);
        Set(draft, ValueSpot.Of(tag), version, "Version");

        var result = draft.Spec.Read(SpecFacts.None).Find("Version")!;
        return result.IsComplete && string.Equals(result.Value, version, StringComparison.Ordinal)
            ? true
            : throw Computed(tag, version);
    }

    private static void Set(SpecDraft draft, ValueSpot start, string version, string what)
    {
        (var spot, what) = ValueSpot.Follow(draft, start, what);
        var text = draft.Text(spot);
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            draft.Replace(spot, version, what);
            return;
        }

        // "%{major}.%{minor}.%{patch}": each macro but the last takes what stands before the next separator.
        var references = MacroReference.All(text);
        var (at, rest) = (0, version);
        foreach (var (index, reference) in references.Index())
        {
            var separator = text[at..reference.Start];
            var next = index + 1 < references.Count ? text[reference.End..references[index + 1].Start] : text[reference.End..];
            var end = next.Length is 0 ? rest.Length : rest.IndexOf(next, Math.Min(separator.Length, rest.Length), StringComparison.Ordinal);
            if (!rest.StartsWith(separator, StringComparison.Ordinal) || end < separator.Length
                || ValueSpot.DefinitionOf(draft, reference.Name) is not { } definition)
            {
                return;
            }

            Set(draft, definition, rest[separator.Length..end], "%" + reference.Name);
            (at, rest) = (reference.End, rest[end..]);
        }
    }

    private static ReleaseException Computed(SpecTag tag, string version) =>
        new(Fault.SpecMalformed,
            $"'Version: {tag.Raw}' cannot be brought to {version}: it is computed, defined several times, or stands under conditions.", tag.Position)
        {
            Remedy = $"Write 'Version: {version}', or one '%global' that it refers to.",
        };
}
