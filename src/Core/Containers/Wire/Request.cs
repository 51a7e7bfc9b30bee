namespace DotnetRelease.Containers.Wire;

/// <summary>What the tool asks of the holder. Each request starts with its number and this; each gets one <see cref="Reply"/>.</summary>
internal enum Request
{
    /// <summary>Unpack one layer into the store, unless it is there: diff id, compression; the packed file's descriptor.</summary>
    Unpack = 1,

    /// <summary>Mount the container's tree: names of the lower folders, highest first.</summary>
    Open,

    /// <summary>
    /// Run one command: see <see cref="SandboxRequest"/>; descriptors 0, 1 and 2, then one per volume in root mode. The number of the answer is
    /// the exit code; its text says why the command was never started, if so.
    /// </summary>
    Run,

    /// <summary>End a running command: the number of its request.</summary>
    Kill,

    /// <summary>Send a signal to a running command, not to what it started: the number of its request, the signal's number.</summary>
    Signal,

    /// <summary>Open a regular file of the tree for reading: path, size limit.</summary>
    ReadFile,

    /// <summary>Create or replace a regular file of the tree: path, mode; the content's descriptor.</summary>
    WriteFile,

    /// <summary>Names in a folder of the tree: path.</summary>
    List,

    /// <summary>Keep what changed as a named lower folder and go on above it: name.</summary>
    Save,

    /// <summary>Remove a stored folder: its name below the store.</summary>
    Remove,

    /// <summary>Unmount, discard what changed, and end.</summary>
    Close,
}

/// <summary>How the holder answers: the number of the request, then one of these.</summary>
internal enum Reply
{
    /// <summary>It went well: a number, a text, and a list of texts whose meaning depends on the request.</summary>
    Done = 1,

    /// <summary>It did not: id of the fault, detail, remedy.</summary>
    Failed,

    /// <summary>A command is about to run and can be sent signals; the answer follows at its end. The controlling end of its terminal comes along when it has one.</summary>
    Started,
}
