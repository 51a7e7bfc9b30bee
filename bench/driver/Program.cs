using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using DotnetRelease.Bench;
using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;

// What eng/bench compares with createrepo_c: metadata alone, without the checks and signatures that publishing never leaves out.
//   make FOLDER FIRST COUNT   packages of the shape that performance figures speak of
//   index FOLDER              full metadata
//   update FOLDER             metadata of what is new, upon what is there
//   locks BEFORE AFTER ROUNDS milliseconds of reading two lockfiles and comparing them, start of the process left out: the median of the rounds
//   session IMAGE ROUNDS      milliseconds of a further command in a container, and of the same in a bare bubblewrap, in turns
switch (args)
{
    case ["make", var folder, var first, var count]:
        Directory.CreateDirectory(folder);
        Parallel.For(int.Parse(first, CultureInfo.InvariantCulture), int.Parse(first, CultureInfo.InvariantCulture) + int.Parse(count, CultureInfo.InvariantCulture), number => Sample(number).WriteTo(folder));
        return 0;
    case ["index", var folder]:
        return await WriteAsync(folder, null, [.. Describe(Directory.EnumerateFiles(folder, "*.rpm"))]);
    case ["update", var folder]:
        var served = await PublishedMetadata.ReadAsync(new FolderStore(folder), CancellationToken.None);
        var known = served!.Packages.Select(package => package.File.Location).ToHashSet(StringComparer.Ordinal);
        var added = Describe(Directory.EnumerateFiles(folder, "*.rpm").Where(path => !known.Contains(Path.GetFileName(path))));
        return await WriteAsync(folder, served.Repomd, [.. served.Packages, .. added]);
    case ["session", var image, var rounds]:
        await new SessionBench(image).RunAsync(int.Parse(rounds, CultureInfo.InvariantCulture));
        return 0;
    case ["locks", var before, var after, var rounds]:
        var (old, now) = (File.ReadAllBytes(before), File.ReadAllBytes(after));
        var times = new List<double>();
        while (times.Count < int.Parse(rounds, CultureInfo.InvariantCulture))
        {
            var start = Stopwatch.GetTimestamp();
            LockDiff.Compare(LockfileReader.Read(old, before), LockfileReader.Read(now, after));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Console.WriteLine(times.Order().ElementAt(times.Count / 2).ToString("F1", CultureInfo.InvariantCulture));
        return 0;
    default:
        return 2;
}

static ImmutableArray<IndexedPackage> Describe(IEnumerable<string> paths) =>
    PackageReader.ReadAll([.. paths], path => Path.GetFileName(path), CancellationToken.None);

static async Task<int> WriteAsync(string folder, Repomd? previous, IReadOnlyCollection<IndexedPackage> packages)
{
    var snapshot = RepositorySnapshot.Of(packages, previous);
    var repodata = Directory.CreateDirectory(Path.Combine(folder, Repomd.Folder)).FullName;
    foreach (var file in snapshot.Files)
    {
        await using var stream = File.Create(Path.Combine(repodata, file.FileName));
        foreach (var member in file.Members)
        {
            await stream.WriteAsync(member);
        }
    }

    await File.WriteAllBytesAsync(Path.Combine(repodata, Repomd.FileName), snapshot.Repomd.ToXml());
    return 0;
}

static WrittenRpm Sample(int number) => new($"sample-{number:00000}", "1.0")
{
    Summary = $"Sample package number {number}",
    Description = $"This is the description of sample package number {number}.\nIt has two lines, as many have.",
    Texts = [(1020, $"https://example.org/{number}"), (1011, "Example"), (1015, "Packager <packager@example.org>")],
    PayloadSize = 5000,
    Dependencies =
    [
        (1047, $"sample-{number:00000}", 8, "1.0-1"), (1047, $"sample({number})", 8, "1.0"), (1047, $"bundled(lib{number % 97})", 0, ""),
        (1049, "/bin/sh", 0, ""), (1049, $"sample-{(number * 7) % 5000:00000}", 12, "0.9"), (1049, "python(abi)", 8, "3.13"), (1049, "rpmlib(CompressedFileNames)", 16777226, "3.0.4-1"),
    ],
    Files = [.. Enumerable.Range(0, 8).Select(file => (file is 0 ? $"/usr/bin/sample-{number:00000}" : $"/usr/share/sample-{number:00000}/file-{file}.txt", (ushort)0x81A4, 0u))],
    Changes = [.. Enumerable.Range(0, 3).Select(age => (1763553600u - (uint)age * 864000, $"Packager <packager@example.org> - 1.{2 - age}-1", $"- Change {age} of package {number}\n- Fixes what was broken before"))],
};
