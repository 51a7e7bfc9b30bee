namespace DotnetRelease.Images;

/// <summary>How far the download of one layer is: a line of its own on a terminal, with the layer's name.</summary>
internal sealed class TransferProgress(Descriptor layer, IReporter reporter)
{
    private readonly string _what = $"{layer.Digest.Hex[..12]}  {Megabytes(layer.Size)}";
    private long _said = -1;

    /// <summary>Says how many bytes are here; what was said already is not said again.</summary>
    internal void Say(long done)
    {
        if (done != _said)
        {
            _said = done;
            reporter.Progress(_what, done, layer.Size);
        }
    }

    private static string Megabytes(long bytes) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
}
