namespace DotnetRelease.Images;

/// <summary>
/// The mirrors of a registry in their order, and at last the registry. They are asked only for bytes whose digest is known, so none of them
/// has to be trusted. A mirror that fails is named once and left out for the rest of the image.
/// </summary>
internal sealed class RegistryPlaces : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<RegistryClient> _mirrors;
    private readonly IReporter _reporter;

    internal RegistryPlaces(RegistryReference reference, RegistryAccess access, IReporter reporter)
    {
        Registry = new RegistryClient(access, reference);
        _reporter = reporter;
        _mirrors = [.. access.Rules.Value.MirrorsOf(reference).Select(mirror => new RegistryClient(access with { HasAnother = true }, mirror))];
        Owned = [.. _mirrors, Registry];
    }

    /// <summary>The registry itself, which alone says what a tag means.</summary>
    internal RegistryClient Registry { get; }

    private IReadOnlyList<RegistryClient> Owned { get; }

    /// <summary>Asks one place after the other.</summary>
    /// <param name="ask">Has to refuse bytes that are not the wanted ones.</param>
    /// <exception cref="ReleaseException">What the registry itself did.</exception>
    internal async Task<T> AskAsync<T>(Func<RegistryClient, Task<T>> ask)
    {
        while (First() is { } mirror)
        {
            try
            {
                return await ask(mirror);
            }
            catch (ReleaseException ex) when (ex.Fault.Exit is not ExitCode.Environment)
            {
                Leave(mirror, ex);
            }
        }

        return await ask(Registry);
    }

    public void Dispose()
    {
        foreach (var client in Owned)
        {
            client.Dispose();
        }
    }

    private RegistryClient? First()
    {
        lock (_gate)
        {
            return _mirrors.FirstOrDefault();
        }
    }

    private void Leave(RegistryClient mirror, ReleaseException why)
    {
        lock (_gate)
        {
            // Several layers meet the same mirror.
            if (!_mirrors.Remove(mirror))
            {
                return;
            }
        }

        var text = $"Mirror {mirror.Host} is passed over. {why.Message}";
        if (why.Fault.Exit is ExitCode.Refused)
        {
            _reporter.Warning(text);
        }
        else
        {
            _reporter.Info(text);
        }
    }
}
