using System.Collections.Immutable;

namespace DotnetRelease.Lockfiles;

/// <summary>The files of all locked versions of one package by name, and the digests that have no name.</summary>
internal sealed class LockedFileSet
{
    private readonly Dictionary<string, List<LockedFile>> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _nameless = new(StringComparer.Ordinal);
    private readonly HashSet<string> _digests = new(StringComparer.Ordinal);

    public LockedFileSet(List<LockedPackage> packages)
    {
        foreach (var package in packages)
        {
            foreach (var file in package.Files)
            {
                if (!_files.TryGetValue(file.Name, out var files))
                {
                    _files.Add(file.Name, files = []);
                }

                files.Add(file);
                _digests.Add(file.Digest.ToString());
            }

            // Nearly no lock has such digests, and nobody else should pay for them.
            for (var i = 0; !package.NamelessDigests.IsEmpty && i < package.NamelessDigests.Length; i++)
            {
                _nameless.Add(package.NamelessDigests[i].ToString());
            }
        }
    }

    /// <summary>In their order.</summary>
    public List<string> Names
    {
        get
        {
            var names = new List<string>(_files.Keys);
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <summary>The files of a name, more than one when several sources have it; null when there is none.</summary>
    public List<LockedFile>? Find(string name) => _files.GetValueOrDefault(name);

    /// <summary>What this set has and the other has not. Where one of them has no names, equal digests are the same file.</summary>
    public ImmutableArray<string> Except(LockedFileSet other)
    {
        var missing = ImmutableArray.CreateBuilder<string>();
        foreach (var name in Names)
        {
            if (!other._files.ContainsKey(name) && !other._nameless.Contains(_files[name][0].Digest.ToString()))
            {
                missing.Add(name);
            }
        }

        foreach (var digest in _nameless)
        {
            if (!other._nameless.Contains(digest) && !other._digests.Contains(digest))
            {
                missing.Add(digest);
            }
        }

        return missing.DrainToImmutable();
    }
}
