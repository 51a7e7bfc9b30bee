namespace DotnetRelease;

/// <summary>
/// Where a run tells a person how it goes. The console and MSBuild each have one. Results never pass through here,
/// and neither do secrets.
/// </summary>
public interface IReporter
{
    /// <summary>Opens a stage (<c>fetch</c>, <c>prepare local</c>); disposing it closes the stage and shows its time.</summary>
    IDisposable Stage(string name);

    /// <summary>One line that a calm reader wants to see.</summary>
    void Info(string text);

    /// <summary>One line for <c>-v</c>.</summary>
    void Detail(string text);

    /// <summary>Something the user can act on but that does not stop the run.</summary>
    /// <param name="text">Full sentences.</param>
    /// <param name="position">Where in a text file, when it is in one.</param>
    /// <param name="id">Of the catalogue of alarms; null for what is said once and nowhere else.</param>
    void Warning(string text, SourcePosition? position = null, string? id = null);

    /// <summary>How far a long transfer or build is; called often, shown rarely.</summary>
    /// <param name="what">What moves, for example a file name.</param>
    /// <param name="done">Bytes or items done.</param>
    /// <param name="total">All of them, or null when nobody knows.</param>
    void Progress(string what, long done, long? total);
}
