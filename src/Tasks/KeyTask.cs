using DotnetRelease.Processes;
using Microsoft.Build.Framework;

namespace DotnetRelease.Tasks;

/// <summary>
/// What the tasks share that sign: the key of gpg's keyring or agent, or one that was handed over for this build alone, in the ways of
/// the command. The properties say where it is, never what it is.
/// </summary>
public abstract class KeyTask : PlanTask
{
    /// <summary>A file (0600, the user's own) with the secret key, relative to the project; empty: <c>RELEASE_SIGNING_KEY</c>, else gpg's keyring.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>A descriptor that MSBuild's own process was started with, from which the key is read; negative: none.</summary>
    public int KeyDescriptor { get; set; } = -1;

    /// <summary>The same for the key's passphrase.</summary>
    public int PassphraseDescriptor { get; set; } = -1;

    /// <summary>What was handed over can be read only once: MSBuild keeps it for the other tasks of this build, and disposes it at its end.</summary>
    private protected KeyAccess Access
    {
        get
        {
            var slot = (typeof(KeyTask).FullName, KeyFile, KeyDescriptor, PassphraseDescriptor);
            if (BuildEngine4.GetRegisteredTaskObject(slot, RegisteredTaskObjectLifetime.Build) is KeyAccess held)
            {
                return held;
            }

            var access = KeyAccess.Read(new KeyOrigin
            {
                File = Optional(KeyFile) is { } file ? Path.GetFullPath(file, ProjectFolder) : null,
                Descriptor = Handed(KeyDescriptor),
                PassphraseDescriptor = Handed(PassphraseDescriptor),
            });
            BuildEngine4.RegisterTaskObject(slot, access, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
            return access;
        }
    }

    private static int? Handed(int descriptor) => descriptor < 0 ? null : descriptor;
}
