namespace DotnetRelease;

/// <summary>How a run of the tool ended. The numbers are public: scripts and CI jobs rely on them.</summary>
public enum ExitCode
{
    /// <summary>Done, also "nothing to do".</summary>
    Success = 0,

    /// <summary>A bug of ours; a stack trace is printed.</summary>
    Bug = 1,

    /// <summary>Wrong command line, wrong settings, or malformed local input.</summary>
    Usage = 2,

    /// <summary>Nothing to release; only returned where <c>--exit-code</c> asks for it.</summary>
    NothingToRelease = 3,

    /// <summary>A verification refused: hash, signature, permission or policy. Never retried.</summary>
    Refused = 4,

    /// <summary>The machine lacks something: a program, user namespaces, space.</summary>
    Environment = 5,

    /// <summary>A remote service failed after retries, or refused our credentials.</summary>
    Remote = 6,

    /// <summary>A build failed.</summary>
    BuildFailed = 7,

    /// <summary>A lock is held, the remote moved, or a published name would get other bytes.</summary>
    Conflict = 8,

    /// <summary>Some targets succeeded and others failed.</summary>
    Partial = 9,

    /// <summary>Only of <c>run</c>, as with podman: the container was to run its command, and the engine failed. 126 and 127 say that the command cannot be run, or is not there.</summary>
    EngineFailed = 125,

    /// <summary>Interrupted by the user.</summary>
    Interrupted = 130,
}
