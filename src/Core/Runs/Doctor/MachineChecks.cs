using System.Collections.Immutable;
using System.Globalization;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs.Doctor;

/// <summary>The kernel, room on the disks, and the clock.</summary>
internal static class MachineChecks
{
    /// <summary>The first in which an ordinary user may mount an overlay.</summary>
    private static readonly Version OldestKernel = new(5, 11);

    /// <summary>An image of a distribution, a build root with its compilers, and what the build itself writes.</summary>
    private const long LeastSpace = 4L * 1024 * 1024 * 1024;

    /// <summary>Two machines' clocks may differ by this much.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    internal static ImmutableArray<DoctorCheck> Run(Places places, Witness witness) =>
    [
        Kernel(Environment.OSVersion.Version),
        Folder("cache", places.Cache, "DOTNET_RELEASE_CACHE"),
        Folder("data", places.Data, "DOTNET_RELEASE_DATA"),
        Clock(DateTimeOffset.UtcNow, witness),
    ];

    internal static DoctorCheck Kernel(Version version) => version >= OldestKernel
        ? DoctorCheck.Good("kernel", version.ToString())
        : DoctorCheck.Bad("kernel", $"{version}, and {OldestKernel} is the oldest that will do", "update this machine and start it anew");

    /// <summary>Whether one can write there, and whether there is room.</summary>
    internal static DoctorCheck Folder(string name, string folder, string variable)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using (File.Create(Path.Combine(folder, Durable.UnfinishedPrefix + "doctor-" + Guid.NewGuid().ToString("n")), 1, FileOptions.DeleteOnClose))
            {
                // That it could be made is all.
            }

            return Space(name, folder, DriveOf(folder)?.AvailableFreeSpace ?? long.MaxValue);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return DoctorCheck.Bad(name, $"'{folder}' cannot be written: {ex.Message}", $"export {variable}=FOLDER   (one of your own)");
        }
    }

    internal static DoctorCheck Space(string name, string folder, long free)
    {
        const double gigabyte = 1e9;
        var found = string.Create(CultureInfo.InvariantCulture, $"{folder}, {free / gigabyte:0.0} GB free");
        return free >= LeastSpace ? DoctorCheck.Good(name, found) : DoctorCheck.Bad(name, string.Create(CultureInfo.InvariantCulture, $"{found}; a build needs about {LeastSpace / gigabyte:0.0}"), "dotnet release image prune");
    }

    /// <summary>Nothing here asks the network: a clock is wrong for certain when it is behind something that has happened.</summary>
    internal static DoctorCheck Clock(DateTimeOffset now, Witness witness)
    {
        var said = now.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        return now >= witness.Time - ClockSkew
            ? DoctorCheck.Good("clock", said)
            : DoctorCheck.Bad("clock", $"{said}, before {witness.What} of {witness.Time:yyyy-MM-dd HH:mm}Z: signatures would be from the wrong day", "sudo timedatectl set-ntp true");
    }

    /// <summary>The mount that a folder, or where it would be, lies in; null when nobody knows.</summary>
    internal static DriveInfo? DriveOf(string folder)
    {
        for (var path = Path.GetFullPath(folder); path is not null; path = Path.GetDirectoryName(path))
        {
            if (Directory.Exists(path))
            {
                return new DriveInfo(path);
            }
        }

        return null;
    }
}

/// <summary>Something of which it is known when it happened.</summary>
/// <param name="What">Its name, in the middle of a sentence.</param>
/// <param name="Time">When.</param>
internal sealed record Witness(string What, DateTimeOffset Time);
