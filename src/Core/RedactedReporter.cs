namespace DotnetRelease;

/// <summary>A reporter that never says a secret.</summary>
/// <param name="redactor">Knows them.</param>
/// <param name="inner">Says the rest.</param>
public sealed class RedactedReporter(Redactor redactor, IReporter inner) : IReporter
{
    /// <inheritdoc/>
    public IDisposable Stage(string name) => inner.Stage(redactor.Hide(name));

    /// <inheritdoc/>
    public void Info(string text) => inner.Info(redactor.Hide(text));

    /// <inheritdoc/>
    public void Detail(string text) => inner.Detail(redactor.Hide(text));

    /// <inheritdoc/>
    public void Warning(string text, SourcePosition? position = null, string? id = null) => inner.Warning(redactor.Hide(text), position, id);

    /// <inheritdoc/>
    public void Progress(string what, long done, long? total) => inner.Progress(redactor.Hide(what), done, total);
}
