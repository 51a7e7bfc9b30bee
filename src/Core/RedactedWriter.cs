using System.Text;

namespace DotnetRelease;

/// <summary>A writer that holds back the beginning of what may become a secret until it is sure, and hides the secrets.</summary>
internal sealed class RedactedWriter(Redactor redactor, Func<TextWriter> open) : TextWriter
{
    private readonly Lock _gate = new();
    private TextWriter? _inner;
    private string _pending = "";

    public override Encoding Encoding
    {
        get
        {
            lock (_gate)
            {
                return Inner.Encoding;
            }
        }
    }

    private TextWriter Inner => _inner ??= open();

    public override void Write(char value) => Write(new string(value, 1));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine(string? value) => Write(value + CoreNewLineText);

    public override void Write(string? value)
    {
        lock (_gate)
        {
            // Most runs know no secret, and then this writer is not there.
            if (redactor.IsEmpty && _pending.Length is 0)
            {
                Inner.Write(value);
                return;
            }

            var text = _pending + value;
            var safe = redactor.SafeLength(text);
            Inner.Write(redactor.Hide(text[..safe]));
            _pending = text[safe..];
        }
    }

    public override void Flush()
    {
        lock (_gate)
        {
            if (_pending.Length > 0)
            {
                Inner.Write(redactor.Hide(_pending));
                _pending = "";
            }

            _inner?.Flush();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Flush();
        }

        base.Dispose(disposing);
    }

    private string CoreNewLineText => new(CoreNewLine);
}
