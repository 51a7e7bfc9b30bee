using System.Runtime.InteropServices;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Containers;

/// <summary>
/// Our terminal shows the terminal of a command, as long as this lives. However we end, unless by SIGKILL, ours has its old settings
/// again.
/// </summary>
internal sealed class TerminalSession : IDisposable
{
    private readonly OwnTerminal _ours;
    private readonly int _theirs;
    private readonly Pump _shown;
    private readonly Pump? _typed;
    private readonly PosixSignalRegistration _resized;
    private readonly PosixSignalRegistration _continued;

    /// <param name="ours">The terminal in front of a person.</param>
    /// <param name="theirs">The controlling end of the command's; it is closed at the end.</param>
    /// <param name="input">Whether keys are passed on.</param>
    internal TerminalSession(OwnTerminal ours, int theirs, bool input)
    {
        (_ours, _theirs) = (ours, theirs);
        ours.CopySizeTo(theirs);
        if (input)
        {
            ours.BeRaw();
            AppDomain.CurrentDomain.ProcessExit += Restore;
            _typed = new Pump(0, theirs);
        }

        _shown = new Pump(theirs, 1);
        _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => ours.CopySizeTo(theirs));

        // Whoever stopped and continued us has used the terminal meanwhile.
        _continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Continue());
    }

    /// <summary>Shows the rest; the command and everything it started has ended.</summary>
    public void Dispose()
    {
        _resized.Dispose();
        _continued.Dispose();
        _shown.Finish();
        _shown.Dispose();
        if (_typed is not null)
        {
            _typed.Dispose();
            AppDomain.CurrentDomain.ProcessExit -= Restore;
            _ours.BeAsBefore();
        }

        Native.Close(_theirs);
    }

    private void Restore(object? sender, EventArgs end) => _ours.BeAsBefore();

    private void Continue()
    {
        if (_typed is not null)
        {
            _ours.BeRaw();
        }

        _ours.CopySizeTo(_theirs);
    }
}
