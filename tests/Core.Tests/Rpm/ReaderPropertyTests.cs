using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.OpenPgp;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Rpm;

/// <summary>Whatever the bytes are: a value or one of our own refusals comes out, and no more memory is taken than the bytes ask for.</summary>
[TestClass]
public sealed class ReaderPropertyTests
{
    private const int MemoryLimit = 16 * 1024 * 1024;

    private static readonly byte[] Package = RpmWriter.ToBytes(
        new RpmDraft(new Nevra("property", 1, "1", "1", "noarch"), "For properties", "MIT", DateTimeOffset.UnixEpoch)
        {
            Format = 6,
            Files = [new RpmDraftFile("/etc/property", "property"u8.ToArray(), IsConfig: true)],
        });

    [TestMethod]
    public void Changed_cut_and_lengthened_packages_are_read_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll<(ushort At, byte Value)[], short>((changes, length) =>
    {
        var bytes = Package.ToArray();
        foreach (var (at, value) in changes ?? [])
        {
            bytes[at % bytes.Length] = value;
        }

        Array.Resize(ref bytes, Math.Max(0, bytes.Length + Math.Min(length, (short)64)));
        return IsReadOrRefused(bytes);
    }));

    [TestMethod]
    public void A_header_of_any_index_and_data_is_read_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll<int[], byte[]>((index, data) =>
    {
        // A lead that is right, and then a signature header whose numbers are anything.
        using var header = new MemoryStream();
        header.Write(Package.AsSpan(0, 96));
        header.Write(RpmHeaderParser.Magic.AsSpan());
        header.Write([0, 0, 0, (byte)(index.Length / 4), 0, 0, 0, (byte)data.Length]);
        foreach (var number in index.SkipLast(index.Length % 4))
        {
            header.Write(BitConverter.GetBytes(number).Reverse().ToArray());
        }

        header.Write(data);
        header.Write(new byte[64]);
        return IsReadOrRefused(header.ToArray());
    }));

    [TestMethod]
    public void Any_bytes_are_a_signature_or_none() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<byte[]>(bytes =>
    {
        // As they come, as the body of a packet, and as what follows the fixed part of one.
        byte[][] forms = [bytes, [0xC2, (byte)Math.Min(bytes.Length, 191), .. bytes.Take(191)], [0xC2, (byte)Math.Min(bytes.Length + 4, 191), 4, 0, 1, 8, .. bytes.Take(187)]];
        foreach (var form in forms)
        {
            if (OpenPgpSignature.TryParse(form) is { } signature)
            {
                _ = signature.HashOf(bytes);
                _ = VettedKeys.Parse(bytes).Fits(signature, new byte[32]);
            }
        }

        return true;
    }));

    [TestMethod]
    public void Any_bytes_are_keys_or_none_and_agents_may_answer_anything() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll<byte[], string>((bytes, text) =>
    {
        _ = VettedKeys.Parse(bytes);
        _ = VettedKeys.Parse([0xC6, (byte)Math.Min(bytes.Length + 6, 191), 4, 0, 0, 0, 0, 19, .. bytes.Take(185)]);
        _ = VettedKeys.Parse([0xC6, (byte)Math.Min(bytes.Length + 6, 191), 4, 0, 0, 0, 0, 1, .. bytes.Take(185)]);
        _ = SExpression.TryReadPairs(bytes);
        _ = SExpression.TryReadPairs(Encoding.UTF8.GetBytes($"(7:sig-val(3:rsa(1:s{text})))"));
        _ = AgentException.Of($"ERR {text}").IsForeign;
        return true;
    }));

    [TestMethod]
    public void A_number_of_any_length_comes_back() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[]>(number =>
    {
        using var written = new MemoryStream();
        Mpi.Write(written, number);
        ReadOnlySpan<byte> bytes = written.ToArray();
        var read = Mpi.Take(ref bytes);
        return bytes.IsEmpty && read.AsSpan().SequenceEqual(number.AsSpan().TrimStart((byte)0)) && Mpi.Padded(read, number.Length)!.AsSpan().SequenceEqual(number);
    }));

    private static bool IsReadOrRefused(byte[] bytes)
    {
        using var scratch = new Scratch();
        var file = scratch["x.rpm"];
        File.WriteAllBytes(file, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _ = RpmFile.ReadAsync(file, CancellationToken.None).GetAwaiter().GetResult();
            var package = RpmPackage.ReadAsync(file, CancellationToken.None).GetAwaiter().GetResult();
            _ = HeaderSignatures.Of(package).Concat(HeaderSignatures.OldOnes(package)).Count();
        }
        catch (ReleaseException)
        {
            // One of the two things that may come out.
        }

        return GC.GetAllocatedBytesForCurrentThread() - before < MemoryLimit;
    }
}
