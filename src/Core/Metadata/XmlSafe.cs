using System.Buffers;
using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Metadata;

/// <summary>
/// Checks a package's texts for characters that no XML document can hold. createrepo_c drops such a package and goes on; we stop,
/// because a package that silently is not in the repository is worse.
/// </summary>
internal sealed class XmlSafe(string path)
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\a\b\v\f\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F");

    /// <summary>The same text; null becomes empty.</summary>
    internal string Text(string? text, string field) => text.AsSpan().IndexOfAny(Forbidden) is var at and >= 0
        ? throw new ReleaseException(
            Fault.RpmMalformed,
            $"'{path}' cannot be described in repository metadata: its {field} has the control character U+{(int)text![at]:X4} in \"{Around(text, at)}\".")
        {
            Remedy = "Remove the character from the spec and build the package again.",
        }
        : text ?? "";

    /// <summary>A package's dependencies of one kind; none has a control character.</summary>
    internal ImmutableArray<RpmDependency> Dependencies(RpmPackage package, RpmDependencyKind kind)
    {
        var dependencies = package.Dependencies(kind);
        foreach (var dependency in dependencies)
        {
            Text(dependency.Name, kind.ToString());
            Text(dependency.Version, kind.ToString());
        }

        return dependencies;
    }

    private static string Around(string text, int at)
    {
        const int shown = 20;
        var part = text[Math.Max(0, at - shown)..Math.Min(text.Length, at + shown)];
        return string.Concat(part.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }
}
