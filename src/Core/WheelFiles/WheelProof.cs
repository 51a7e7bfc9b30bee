using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;

namespace DotnetRelease.WheelFiles;

/// <summary>Whether a wheel is what it says: every file in RECORD with its digest and size, every CRC right, no script with a path for a name.</summary>
public static class WheelProof
{
    /// <summary>What a run that went well notes of the wheel's digest, so that it is read once. The number goes up with every rule that is added.</summary>
    public const string Finding = "wheel-1";

    private const int TextLimit = 16 * 1024 * 1024;
    private const int BufferSize = 128 * 1024;

    /// <summary>RECORD cannot hold its own digest, and nobody checks the signatures that the first version of the format had.</summary>
    private static readonly string[] WithoutDigest = ["RECORD", "RECORD.jws", "RECORD.p7s"];

    /// <summary>Reads the whole wheel, on every processor.</summary>
    /// <param name="path">The wheel.</param>
    /// <param name="name">What people know it as.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException"><see cref="Fault.WheelRefused"/>, with the member and what is wrong; <see cref="Fault.FileUnreadable"/>.</exception>
    public static Task DemandAsync(string path, string name, CancellationToken ct) => Task.Run(() => Demand(path, name, ct), ct);

    private static void Demand(string path, string name, CancellationToken ct)
    {
        using var wheel = Wheel.Open(path, name);
        RefuseScripts(wheel);
        var records = Records(wheel);
        foreach (var file in wheel.Files)
        {
            if (!records.ContainsKey(file) && !IsFree(wheel, file))
            {
                throw wheel.Refuse($"its RECORD does not have '{file}'");
            }
        }

        // The largest first: it alone decides how long the last processor works.
        var members = records.Values.Select(record => (Record: record, Entry: wheel.Member(record.File))).OrderByDescending(each => each.Entry.Size).ToList();
        try
        {
            Parallel.ForEach(Partitioned(members), new ParallelOptions { CancellationToken = ct }, each => Prove(wheel, each.Record, each.Entry, ct));
        }
        catch (AggregateException ex) when (ex.InnerExceptions.OfType<ReleaseException>().FirstOrDefault() is { } refused)
        {
            ExceptionDispatchInfo.Throw(refused);
        }
    }

    private static OrderablePartitioner<T> Partitioned<T>(List<T> members) =>
        Partitioner.Create(members, loadBalance: true);

    private static Dictionary<string, WheelRecord> Records(Wheel wheel)
    {
        var records = new Dictionary<string, WheelRecord>(StringComparer.Ordinal);
        foreach (var record in WheelRecord.ReadAll(wheel.ReadText($"{wheel.Info}/RECORD", TextLimit), wheel.Refuse))
        {
            if (!records.TryAdd(record.File, record))
            {
                throw wheel.Refuse($"its RECORD has '{MemberName.Show(record.File)}' twice");
            }

            if (!wheel.Has(record.File))
            {
                throw wheel.Refuse($"its RECORD names '{MemberName.Show(record.File)}', which is not in it");
            }

            if (record.Algorithm is null && !IsFree(wheel, record.File))
            {
                throw wheel.Refuse($"its RECORD has no digest of '{record.File}'");
            }
        }

        return records;
    }

    private static bool IsFree(Wheel wheel, string file) => WithoutDigest.Any(name => file == $"{wheel.Info}/{name}");

    private static void Prove(Wheel wheel, WheelRecord record, ZipEntry entry, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var content = wheel.Open(entry);
            using var hash = record.Algorithm is { } algorithm ? IncrementalHash.CreateHash(new HashAlgorithmName(algorithm.ToUpperInvariant())) : null;
            var crc = new Crc32();
            var size = 0L;
            for (int read; size <= entry.Size && (read = content.Read(buffer)) > 0; size += read)
            {
                ct.ThrowIfCancellationRequested();
                crc.Append(buffer.AsSpan(0, read));
                hash?.AppendData(buffer, 0, read);
            }

            if (size != entry.Size || size != (record.Size ?? size) || crc.GetCurrentHashAsUInt32() != entry.Crc)
            {
                throw wheel.Refuse($"'{entry.Name}' does not unpack to the {entry.Size} bytes with the CRC that its header promises{(record.Size is { } said && said != entry.Size ? $"; RECORD says {said} bytes" : "")}");
            }

            if (hash is not null && !hash.GetHashAndReset().AsSpan().SequenceEqual(record.Digest))
            {
                throw wheel.Refuse($"'{entry.Name}' has another {record.Algorithm} than RECORD says");
            }
        }
        catch (InvalidDataException ex)
        {
            throw wheel.Refuse($"'{entry.Name}' cannot be unpacked: {ex.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>An installer makes a program of each entry point's name; a name that is a path would be written anywhere.</summary>
    private static void RefuseScripts(Wheel wheel)
    {
        var file = $"{wheel.Info}/entry_points.txt";
        if (!wheel.Has(file))
        {
            return;
        }

        foreach (var name in EntryPoints.Programs(wheel.ReadText(file, TextLimit)))
        {
            if (name.Contains('/', StringComparison.Ordinal) || MemberName.Refuse(name) is not null)
            {
                throw wheel.Refuse($"its entry_points.txt would install the program '{MemberName.Show(name)}', which is no file name");
            }
        }
    }
}
