using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>
/// What all our tasks share: cancellation, reporting through MSBuild's log, and the one catch. A task itself is properties plus one
/// call of Core. No secret ever passes through a property or an item: MSBuild writes them all into its binary log.
/// </summary>
public abstract class ReleaseTask : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>The folder whose release.toml, lockfiles and git history are meant.</summary>
    [Required]
    public string ProjectFolder { get; set; } = "";

    /// <summary>The settings file; empty: release.toml, found upwards from <see cref="ProjectFolder"/>.</summary>
    public string Config { get; set; } = "";

    /// <summary>Progress and warnings, in MSBuild's log.</summary>
    protected IReporter Reporter => field ??= new RedactedReporter(Redactor.Shared, new BuildReporter(Log));

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        var redactor = Redactor.Shared;
        redactor.LearnEnvironment(Environment.GetEnvironmentVariables());
        try
        {
            // MSBuild calls tasks synchronously; this is the one place where we wait for our own asynchronous code.
            RunAsync(_cancel.Token).GetAwaiter().GetResult();
        }
        catch (ReleaseException ex)
        {
            LogFault(ex);
        }
        catch (OperationCanceledException) when (_cancel.IsCancellationRequested)
        {
            // MSBuild has told the user already.
            return false;
        }
        catch (Exception ex) when (redactor.Reveals(ex.ToString()))
        {
            // A bug of ours. MSBuild prints such an exception as it is, into its binary log too.
            Log.LogError("{0}", redactor.Hide(ex.ToString()));
        }

        return !Log.HasLoggedErrors;
    }

    /// <inheritdoc/>
    public void Cancel() => _cancel.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the task holds.</summary>
    /// <param name="disposing">False when the finalizer calls.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cancel.Dispose();
        }
    }

    /// <summary>Does the work and sets the outputs.</summary>
    protected abstract System.Threading.Tasks.Task RunAsync(CancellationToken ct);

    /// <summary>A property that nobody set is an empty text to MSBuild.</summary>
    private protected static string? Optional(string value) => value.Length > 0 ? value : null;

    /// <summary>An expected failure as an error with its code and place.</summary>
    private protected void LogFault(ReleaseException ex)
    {
        var at = ex.Position ?? default;
        var text = ex.Remedy.Length is 0 ? ex.Message : $"{ex.Message} {ex.Remedy}";
        Log.LogError(null, ex.Fault.Id, null, at.File, at.Line, at.Column, 0, 0, Redactor.Shared.Hide(text));
        if (ex.Transcript is { } transcript)
        {
            Log.LogMessage(MessageImportance.High, "{0}", Redactor.Shared.Hide(transcript));
        }
    }
}
