using System.Collections.Immutable;
using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>The files of one package while it is read: a name has one digest.</summary>
internal sealed class LockedFileList
{
    private readonly ImmutableArray<LockedFile>.Builder _files = ImmutableArray.CreateBuilder<LockedFile>();
    private readonly Dictionary<string, LockedFile> _byName = new(StringComparer.Ordinal);

    /// <summary>Adds a file; the same file with the same digest again says nothing new.</summary>
    /// <param name="file">The file.</param>
    /// <param name="entry">Its entry, for the message when the name came before with another digest.</param>
    public void Add(LockedFile file, TomlValue entry)
    {
        if (!_byName.TryGetValue(file.Name, out var first))
        {
            _byName.Add(file.Name, file);
            _files.Add(file);
        }
        else if (first.Digest != file.Digest)
        {
            throw entry.Invalid($"gives '{file.Name}' another digest than {first.Position} does.");
        }
    }

    public ImmutableArray<LockedFile> ToImmutable() => _files.DrainToImmutable();
}
