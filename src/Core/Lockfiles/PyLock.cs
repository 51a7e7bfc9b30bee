using DotnetRelease.Toml;

namespace DotnetRelease.Lockfiles;

/// <summary>pylock.toml (PEP 751) of lock-version 1.x: within a major version a reader may leave out what it does not know.</summary>
internal static class PyLock
{
    private const string KnownMajor = "1";

    /// <summary>A package from a folder or a repository needs no version.</summary>
    private const string Dynamic = "dynamic";

    public static bool Recognises(TomlTable root) => root.Find("lock-version") is not null;

    public static Lockfile Read(TomlTable root, string path)
    {
        var version = root.Value("lock-version");
        if (version.AsText().Split('.') is not [KnownMajor, var minor] || !minor.All(char.IsAsciiDigit) || minor.Length is 0)
        {
            throw version.Invalid(Fault.LockFormatUnknown, $"is '{LockedValues.Shown(version.AsText())}'; pylock files of {KnownMajor}.x are read.");
        }

        var list = new LockedPackageList(Ecosystem.Python);
        foreach (var table in root.Array("packages").Tables())
        {
            list.Add(Package(table));
        }

        return list.ToLockfile(path, "pylock", version.AsText());
    }

    private static LockedPackage Package(TomlTable table)
    {
        var written = LockedValues.Name(table);
        var source = Source(table);
        var version = table.Find("version")?.Value is { } value
            ? LockedValues.Version(value)
            : source.Kind is LockedSourceKind.Index ? throw table.Missing("version") : Dynamic;
        var files = new LockedFileList();
        foreach (var key in (ReadOnlySpan<string>)["sdist", "archive"])
        {
            if (table.OptionalTable(key) is { } one)
            {
                Add(files, one);
            }
        }

        foreach (var wheel in table.Tables("wheels"))
        {
            Add(files, wheel);
        }

        return new(PythonName.Normalize(written), written, version, files.ToImmutable(), table.Position)
        {
            Source = source,
            Markers = table.OptionalText("marker") is { } marker ? [marker] : [],
        };
    }

    private static void Add(LockedFileList files, TomlTable table)
    {
        var place = (table.Find("url") ?? table.Find("path"))?.Value;
        var name = table.Find("name")?.Value ?? place ?? throw table.Missing("name");
        var digest = Strongest(table.Table("hashes"));
        files.Add(
            new(LockedValues.FileName(name, LockedValues.LastSegment(name.AsText())), digest.Digest, digest.Value.Position)
            {
                Url = LockedValues.OptionalPlace(table, "url"),
                Size = LockedValues.Size(table.Find("size")?.Value),
                UploadedAt = table.Find("upload-time")?.Value is { } time ? LockedValues.Time(time) : null,
            },
            digest.Value);
    }

    /// <summary>sha256 where it is, because it proves a download; else what is at least as strong. Anything else is no proof.</summary>
    private static (LockDigest Digest, TomlValue Value) Strongest(TomlTable hashes)
    {
        foreach (var kind in (ReadOnlySpan<LockDigestKind>)[LockDigestKind.Sha256, LockDigestKind.Sha512, LockDigestKind.Sha384])
        {
            if (hashes.Find(new LockDigest(kind, "").KindWord)?.Value is { } value)
            {
                var (text, length) = (value.AsText(), LockDigest.HexLengthOf(kind));
                return LockDigest.FromHex(kind, text) is { } digest
                    ? (digest, value)
                    : throw value.Invalid($"must be {length} hexadecimal digits, found {(text.Length == length ? "another character" : $"{text.Length}")}.");
            }
        }

        throw hashes.Invalid($"must have sha256, sha512 or sha384; {(hashes.Entries.Count is 0 ? "it is empty" : $"only {string.Join(", ", hashes.Entries.Select(entry => LockedValues.Shown(entry.Key)))} is there")}.");
    }

    private static LockedSource Source(TomlTable table)
    {
        if (table.OptionalTable("vcs") is { } vcs)
        {
            return new(LockedSourceKind.Git, $"{LockedValues.OptionalPlace(vcs, "url") ?? vcs.OptionalText("path")}#{vcs.Text("commit-id")}");
        }

        if (table.OptionalTable("directory") is { } folder)
        {
            return new(LockedSourceKind.Folder, folder.Text("path"));
        }

        return table.OptionalTable("archive") is { } archive
            ? LockedValues.OptionalPlace(archive, "url") is { } url ? new(LockedSourceKind.Url, url) : new(LockedSourceKind.File, archive.Text("path"))
            : new(LockedSourceKind.Index, LockedValues.OptionalPlace(table, "index") ?? "");
    }
}
