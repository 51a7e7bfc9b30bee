using DotnetRelease.Building;
using DotnetRelease.Fixtures;
using DotnetRelease.Planning;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Building;

[TestClass]
public sealed class PackageCacheTests(TestContext test)
{
    private const string Place = "cache/debian-12/dnf/repo-1/packages";

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Only_the_package_with_the_locked_header_is_found_and_only_while_it_is_whole()
    {
        using var scratch = new Scratch();
        var (package, path) = await KeepAsync(scratch, "kept");
        var shelf = new PackageCache(scratch["cache"]).For("debian-12");

        Assert.AreEqual(path, await shelf.FindAsync(package, Ct));
        Assert.IsNull(await shelf.FindAsync(package with { Header = Digest.Of("other") }, Ct), "The same name and version, but another package.");
        Assert.IsNull(await shelf.FindAsync(package with { Header = null }, Ct), "Nothing says which package it is.");
        Assert.IsNull(await shelf.FindAsync(package with { Nevra = package.Nevra with { Epoch = 1 } }, Ct), "An epoch is not in the file's name.");
        Assert.IsNull(await new PackageCache(scratch["cache"]).For("fedora-43").FindAsync(package, Ct));

        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Ct);
        Assert.IsNull(await shelf.FindAsync(package, Ct), "Its payload is damaged.");
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task What_no_build_used_for_long_expires_unless_a_lock_names_it()
    {
        using var scratch = new Scratch();
        var cache = new PackageCache(scratch["cache"]);
        var (used, usedPath) = await KeepAsync(scratch, "used");
        var (locked, lockedPath) = await KeepAsync(scratch, "locked");
        var (_, oldPath) = await KeepAsync(scratch, "old");
        var before = DateTimeOffset.UtcNow.AddDays(-30);
        foreach (var path in (string[])[usedPath, lockedPath, oldPath])
        {
            File.SetLastWriteTimeUtc(path, before.UtcDateTime.AddDays(-1));
        }

        cache.For("debian-12").Touch(RootPackages.Of([used]));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(scratch["cache/.locks"]).FullName, "e4"), "");
        var expired = cache.FindExpired(before, name => name == locked.Nevra.FileName).Single();

        Assert.AreEqual(new CachedPackage("debian-12", oldPath, new FileInfo(oldPath).Length), expired);
        Assert.HasCount(3, cache.FindExpired(DateTimeOffset.MaxValue, _ => false));
        Assert.IsEmpty(new PackageCache(scratch["nowhere"]).FindExpired(DateTimeOffset.MaxValue, _ => false));
    }

    private static async Task<(RootPackage Package, string Path)> KeepAsync(Scratch scratch, string name)
    {
        var built = await RpmFactory.BuildAsync(new RpmRecipe(name));
        var path = Path.Combine(Directory.CreateDirectory(scratch[Place]).FullName, Path.GetFileName(built.Binary));
        File.Copy(built.Binary, path);
        var file = await RpmFile.ReadAsync(path, CancellationToken.None);
        return (new(file.Nevra, file.HeaderSha256), path);
    }
}
