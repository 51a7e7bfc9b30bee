using System.Collections.Immutable;

namespace DotnetRelease.Containers;

/// <summary>
/// Variables as <c>--env</c> and <c>--env-file</c> of podman and docker name them: <c>NAME=value</c>, or <c>NAME</c> alone for the value
/// that it has here. Nothing else of our own environment goes into a container.
/// </summary>
/// <param name="lookUp">Our own environment: a name to a value, or to null.</param>
public sealed class EnvironmentOption(Func<string, string?> lookUp)
{
    /// <summary>Adds the variables of one option. A name alone that we do not have is left out.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>: there is no name.</exception>
    public ImmutableSortedDictionary<string, string> Add(ImmutableSortedDictionary<string, string> variables, string text)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (name.Length is 0 || name.Any(c => char.IsWhiteSpace(c) || c is '\0'))
        {
            throw new ReleaseException(Fault.Usage, $"'{text}' names no variable; write NAME=value, or NAME for the value that it has here.");
        }

        return (equals < 0 ? lookUp(name) : text[(equals + 1)..]) is { } value ? variables.SetItem(name, value) : variables;
    }

    /// <summary>Adds the variables of a file: one in a line, as it is, without quotes; empty lines and those that start with <c>#</c> say nothing.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.Usage"/>, with the file and the line.</exception>
    public ImmutableSortedDictionary<string, string> AddFile(ImmutableSortedDictionary<string, string> variables, string path)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var number = 0;
        foreach (var line in Lines(path))
        {
            number++;
            var text = line.TrimStart();
            if (text.Length is 0 || text[0] is '#')
            {
                continue;
            }

            try
            {
                variables = Add(variables, text);
            }
            catch (ReleaseException ex)
            {
                // Not the line itself: what stands in such a file may be a secret.
                throw new ReleaseException(Fault.Usage, "The line names no variable; write NAME=value, or NAME for the value that it has here.", new SourcePosition(path, number), ex);
            }
        }

        return variables;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new ReleaseException(Fault.FileUnreadable, $"'--env-file {path}' cannot be read: {ex.Message}", inner: ex);
        }
    }
}
