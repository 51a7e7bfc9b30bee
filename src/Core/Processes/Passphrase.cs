using System.Security.Cryptography;
using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// A passphrase that came in over a descriptor or a file. It goes to gpg-agent over its socket and nowhere else: never into an
/// argument, a variable, a file or a message.
/// </summary>
public sealed class Passphrase : IDisposable
{
    private const int MaxLength = 255;
    private readonly byte[] _bytes;

    private Passphrase(byte[] bytes) => _bytes = bytes;

    /// <summary>Takes the first line of what was read; the bytes given are overwritten.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.KeyUnusable"/>: it is longer than gpg allows.</exception>
    public static Passphrase Take(Span<byte> bytes)
    {
        var line = bytes.IndexOf((byte)'\n') is >= 0 and var end ? bytes[..end] : bytes;
        if (line.Length > MaxLength)
        {
            CryptographicOperations.ZeroMemory(bytes);
            throw new ReleaseException(Fault.KeyUnusable, $"The passphrase has more than {MaxLength} bytes, which gpg does not take.");
        }

        Redactor.Shared.Learn(Encoding.UTF8.GetString(line));
        var passphrase = new Passphrase(line.ToArray());
        CryptographicOperations.ZeroMemory(bytes);
        return passphrase;
    }

    /// <summary>As the answer to the agent's question.</summary>
    internal byte[] ToDataLine() => [.. "D "u8, .. _bytes.SelectMany(Escape), .. "\nEND\n"u8];

    /// <summary>Says what it is, not what is in it.</summary>
    public override string ToString() => "a passphrase";

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static byte[] Escape(byte value) => value is (byte)'%' or (byte)'\r' or (byte)'\n' ? [(byte)'%', .. Convert.ToHexString([value]).Select(digit => (byte)digit)] : [value];
}
