using System.Collections.Immutable;
using DotnetRelease.Rpm;

namespace DotnetRelease.Building;

/// <summary>
/// What a distro's reviewers refuse in a package, seen in the contents of its files: paths of the build, programs of another machine, library
/// paths that anybody may fill. Reads the payload once; memory stays flat. What is packed again inside a file is not unpacked.
/// </summary>
/// <param name="package">A binary package that was built.</param>
/// <param name="spec">Where the spec is: nearly every finding is mended there.</param>
internal sealed class ContentPolicy(RpmPackage package, SourcePosition spec)
{
    /// <summary>Whose programs run on no processor of the user's, or are not run.</summary>
    private static readonly string[] Unjudged = ["/usr/lib/firmware/", "/lib/firmware/", "/usr/lib/debug/", "/usr/src/"];

    /// <summary>Where only root and packages write.</summary>
    private static readonly string[] System = ["/usr/", "/lib/", "/lib64/", "/opt/"];

    private readonly List<Alarm> _found = [];

    /// <summary>Everything that is wrong with its files; source packages and debug information are nobody's to judge.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.RpmMalformed"/>, <see cref="Fault.FileUnreadable"/>, or a library that unpacks is missing.</exception>
    public ImmutableArray<Alarm> Alarms(CancellationToken ct)
    {
        if (package.IsSource || ExpectedNevra.IsDebugPackage(package.Nevra.Name))
        {
            return [];
        }

        if (!RpmPayload.CanRead(package))
        {
            return [Alarm(AlarmKind.ContentsUnread, null, $"its payload is compressed with {package.PayloadCompressor}, which this tool cannot unpack: nobody looked for paths of the build in its files.")];
        }

        var search = new BuildPathSearch();
        using var program = Spill(package.Path);
        using var payload = RpmPayload.Open(package);
        while (payload.MoveNext())
        {
            ct.ThrowIfCancellationRequested();
            if (payload.File.IsRegular)
            {
                Judge(payload, search, program);
            }
        }

        return [.. AlarmCap.Of(_found)];
    }

    /// <summary>A program's parts are anywhere in it, so it is put where they can be found: a file without a name, beside the package.</summary>
    private static FileStream Spill(string path) => new(
        $"{path}.{Guid.NewGuid():n}", new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, Options = FileOptions.DeleteOnClose });

    private void Judge(RpmPayload payload, BuildPathSearch search, FileStream program)
    {
        search.Reset();
        program.SetLength(0);
        var (isFirst, isProgram) = (true, false);
        for (int count; (count = Fill(payload, search.Free)) > 0; isFirst = false)
        {
            var part = search.Free[..count];
            isProgram = isFirst ? ElfFile.IsElf(part) : isProgram;
            if (isProgram)
            {
                program.Write(part);
            }

            search.Advance(count);
        }

        search.Advance(0);
        OfPaths(payload.File.Path, search);
        if (isProgram && ElfFile.TryRead(program) is { } elf)
        {
            OfProgram(payload.File.Path, elf);
        }
    }

    /// <summary>Parts are as large as there is room, so that what a file is can be seen in the first one.</summary>
    private static int Fill(RpmPayload payload, Span<byte> room)
    {
        var filled = 0;
        for (int count; filled < room.Length && (count = payload.Read(room[filled..])) > 0;)
        {
            filled += count;
        }

        return filled;
    }

    private void OfPaths(string path, BuildPathSearch search)
    {
        if (search.InRoot is { } root)
        {
            Find(AlarmKind.BuildRootInside, path, $"'{path}' holds {root}, a path of the build root, which no user has. A file that was written with the wrong prefix does not work.");
        }

        if (search.InFolder is { } folder)
        {
            Find(AlarmKind.BuildFolderInside, path, $"'{path}' holds {folder}, a path that exists only while it is built.");
        }
    }

    private void OfProgram(string path, ElfFile elf)
    {
        if (Unjudged.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)))
        {
            return;
        }

        if (package.Nevra.Arch is "noarch")
        {
            Find(AlarmKind.MachineNoarch, path, $"'{path}' is a program of one machine, and the package is for all of them. Take BuildArch: noarch out, or the file.");
        }
        else if (elf.Machine is not ElfFile.Bpf && ElfFile.MachineOf(package.Nevra.Arch) is { } machine && elf.Machine != machine)
        {
            Find(AlarmKind.MachineForeign, path, $"'{path}' is a program of another machine (e_machine {elf.Machine}) than {package.Nevra.Arch} ({machine}): it cannot run there.");
        }

        foreach (var folder in elf.LibraryPaths.Where(folder => IsAstray(path, folder)).Distinct(StringComparer.Ordinal))
        {
            Find(AlarmKind.LibraryPathAstray, path, $"'{path}' looks for libraries in '{folder}' (DT_RPATH or DT_RUNPATH), which neither the system nor this package owns: who can write there runs code as its user. Remove it: patchelf --remove-rpath, or chrpath -d.");
        }
    }

    /// <summary>A relative path is one of wherever the user happens to be, and so is an empty one.</summary>
    private bool IsAstray(string file, string folder)
    {
        var whole = folder.Replace("${ORIGIN}", "$ORIGIN", StringComparison.Ordinal);
        if (whole.StartsWith("$ORIGIN", StringComparison.Ordinal))
        {
            whole = file[..file.LastIndexOf('/')] + whole["$ORIGIN".Length..];
        }

        if (!whole.StartsWith('/'))
        {
            return true;
        }

        var place = Path.GetFullPath(whole).TrimEnd('/') + "/";
        return !package.Files.Any(mine => mine.Path.StartsWith(place, StringComparison.Ordinal))
            && (place.StartsWith("/usr/local/", StringComparison.Ordinal) || !System.Any(folder => place.StartsWith(folder, StringComparison.Ordinal)));
    }

    private void Find(AlarmKind kind, string file, string text) => _found.Add(Alarm(kind, file, text));

    private Alarm Alarm(AlarmKind kind, string? file, string text) =>
        new(kind, package.Nevra.Name, spec, $"{package.Nevra}: {text}") { Version = package.Nevra.Version, File = file };
}
