using System.Text;
using System.Text.RegularExpressions;

namespace DotnetRelease.Building;

/// <summary>What a step printed, whole in a file and its end in memory.</summary>
/// <param name="path">The log file; its folder is made.</param>
internal sealed partial class BuildLog(string path) : IAsyncDisposable
{
    private const int TailLines = 40;
    private const int LineLimit = 2000;

    /// <summary>A log grows with what foreign code prints; beyond this it is cut.</summary>
    private const long SizeLimit = 256 * 1024 * 1024;

    private readonly FileStream _file = Open(path);
    private readonly Queue<string> _tail = new();
    private readonly StringBuilder _line = new();
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private bool _cut;

    /// <summary>Where the log is.</summary>
    public string Path { get; } = path;

    /// <summary>Whether a line said that a program wanted the network, which a build does not have.</summary>
    public bool WantedNetwork { get; private set; }

    /// <summary>Whether a line said that there was no more memory, or no more processes.</summary>
    public bool RanOut { get; private set; }

    /// <summary>Whether a line said that a disk was full.</summary>
    public bool FoundDiskFull { get; private set; }

    /// <summary>The last lines, for the message of a failure.</summary>
    public string Tail => string.Join('\n', _line.Length > 0 ? _tail.Append(_line.ToString()) : _tail);

    /// <summary>Takes the next bytes of the step's output.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_file.Length + bytes.Length > SizeLimit)
        {
            if (!_cut)
            {
                _cut = true;
                Keep(Encoding.UTF8.GetBytes($"\n[log cut at {SizeLimit} bytes]\n"));
            }
        }
        else
        {
            Keep(bytes);
        }

        Span<char> text = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        foreach (var character in text[.._utf8.GetChars(bytes, text, flush: false)])
        {
            Take(character);
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        catch (IOException ex)
        {
            throw Unwritten(Path, ex);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);

            // Without a buffer: what a killed run printed is there, and a full disk is noticed where it is written to.
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(path, ex);
        }
    }

    private static ReleaseException Unwritten(string path, Exception ex) => new(Fault.WriteFailed, $"The log '{path}' could not be written: {ex.Message.TrimEnd('.')}.", inner: ex);

    private void Take(char character)
    {
        if (character is not '\n')
        {
            // A progress bar may be one line of megabytes.
            if (_line.Length < LineLimit && character is not '\r')
            {
                _line.Append(character);
            }

            return;
        }

        var line = _line.ToString();
        _line.Clear();
        WantedNetwork |= NetworkError().IsMatch(line);
        RanOut |= OutOfSomething().IsMatch(line);
        FoundDiskFull |= DiskFull().IsMatch(line);
        _tail.Enqueue(line);
        if (_tail.Count > TailLines)
        {
            _tail.Dequeue();
        }
    }

    /// <summary>How glibc, curl, wget, pip, git, cargo and npm say that there is no network.</summary>
    [GeneratedRegex(
        "Network is unreachable|Could not resolve host|Name or service not known|Temporary failure in name resolution|unable to resolve host|getaddrinfo|EAI_AGAIN|ENETUNREACH",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NetworkError();

    /// <summary>How the C library, shells, Python, C++, gcc, Java and Rust say that they could get no more, and our own words about a control group.</summary>
    [GeneratedRegex(
        "Resource temporarily unavailable|Cannot fork|Cannot allocate memory|out of memory|virtual memory exhausted|MemoryError|bad_alloc|OutOfMemoryError|memory allocation of|^\\[container\\] limit reached",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OutOfSomething();

    /// <summary>How the C library, and dnf before it begins, say it.</summary>
    [GeneratedRegex(
        "No space left on device|Disk quota exceeded|more space needed on the .* filesystem",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DiskFull();
}
