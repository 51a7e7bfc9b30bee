using DotnetRelease.Fixtures;

namespace DotnetRelease.Distro.Tests.Containers;

/// <summary>One try to get out of an image with layers.</summary>
/// <param name="Name">As containerd's tests call it, or ours.</param>
/// <param name="Trap">What has to be there first.</param>
/// <param name="Spring">What uses it.</param>
/// <param name="Fresh">What becomes of both in one layer on an empty root: <see cref="Inside"/>, or the id of the refusal.</param>
/// <param name="Filled">What becomes of them in two layers, above a root that has links, folders and files of these names.</param>
internal sealed record Breakout(string Name, Action<TarBuilder> Trap, Action<TarBuilder> Spring, string Fresh, string Filled)
{
    /// <summary>Applied, and nothing of it is outside.</summary>
    internal const string Inside = "inside";

    private const string Malformed = "REL2103";
    private const string Unsafe = "REL2106";

    internal byte[] Whole() => Built(Trap, Spring);

    /// <summary>The lower and the upper layer.</summary>
    internal byte[][] Halves() => [Built(Trap), Built(Spring)];

    /// <summary>The root below.</summary>
    internal static byte[] Filling(string outside) =>
        TestImage.Busybox().Folder("x").File("x/file", "lower").Folder("x/dir").Link("y", outside).Link("z", Up(outside)).File("h", "lower").Link("l", outside + "/file")
            .Folder("d").Link("d/up", "..").Link("d/out", outside).Folder("a").Folder("a/b").Build();

    /// <summary>The way up from wherever one is and down to the folder.</summary>
    private static string Up(string outside) => string.Concat(Enumerable.Repeat("../", 12)) + outside.TrimStart('/');

    /// <summary>The corpus of cases.md section 13 for a folder outside, with the further names of sections 5 and 6 that concern layers.</summary>
    internal static IReadOnlyList<Breakout> All(string outside) => [.. Symlinks(outside), .. HardLinks(outside), .. Marks(outside), .. Others(outside)];

    private static IEnumerable<Breakout> Symlinks(string outside)
    {
        var up = Up(outside);
        return
        [
            new("SymlinkAbsolute", t => t.Link("x", outside), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkUpAndOut", t => t.Link("x", up), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkMultipleAbsolute", t => t.Link("x", "/a/b").Folder("a").Link("a/b", outside), t => t.File("x/new", "evil").File("a/b/new", "evil"), Unsafe, Inside),
            new("SymlinkMultipleRelative", t => t.Link("x", "a/b").Folder("a").Link("a/b", up), t => t.File("x/new", "evil").File("a/b/new", "evil"), Unsafe, Inside),
            new("SymlinkChain", t => t.Link("x", "y").Link("y", "z/..").Link("z", outside + "/dir"), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkLoop", t => t.Link("x", "y").Link("y", "x"), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkEmptyFile", t => t.Link("x", outside + "/file"), t => t.File("x"), Inside, Inside),
            new("SymlinkWrittenThrough", t => t.Link("x", outside + "/file"), t => t.File("x", "evil", 0b111_111_111, owner: 7), Inside, Inside),
            new("SymlinkParentDirectory", t => t.Link("..", outside), Nothing, Unsafe, Unsafe),
            new("SymlinkEmptyFilename", t => t.Link("", outside), t => t.File("file", "evil"), Malformed, Malformed),
            new("SymlinkRoot", t => t.Link("/.", outside), t => t.File("file", "evil"), Malformed, Malformed),
            new("SymlinkRootUp", t => t.Link("./", up), t => t.File("file", "evil"), Malformed, Malformed),
            new("SymlinkParentRelative", t => t.Link("d/../../x", outside), Nothing, Unsafe, Unsafe),
            new("SymlinkSlashEnded", t => t.Link("x/", outside + "/"), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkOverride", t => t.Link("x", outside), t => t.Link("x", outside + "/dir").File("x/inner", "evil"), Unsafe, Unsafe),
            new("DirectoryOverride", t => t.Link("x", outside), t => t.Folder("x", 0b111_000_000, owner: 7).File("x/file", "evil"), Inside, Inside),
            new("DirectoryBecomesLink", t => t.Folder("x").File("x/file"), t => t.Link("x", outside), Malformed, Inside),
            new("SymlinkOverridePath", t => t.Folder("a").Link("a/b", outside), t => t.File("a/b").File("a/b/file", "evil"), Unsafe, Unsafe),
            new("SymlinkParentReplaced", t => t.Folder("x").Folder("x/dir").File("x/dir/one"), t => t.Link("x/dir", outside + "/dir").File("x/dir/inner", "evil"), Malformed, Unsafe),
            new("SymlinkLevels", t => t.Folder("level1a").Link("level1a/level2_link", "../../../"), t => t.File($"level1a/level2_link{outside}/file", "evil"), Inside, Inside),
            new("SymlinkOfProc", t => t.Link("x", "/proc/self/root" + outside), t => t.File("x/file", "evil"), Unsafe, Inside),
            new("SymlinkOfDescriptors", t => t.Link("x", "/proc/self/fd/3"), t => t.File("x/file", "evil").File("x", "evil"), Unsafe, Malformed),
            new("AbsoluteName", t => t.File(outside + "/file", "evil"), Nothing, Inside, Inside),
            new("NameUpwards", t => t.File(up + "/file", "evil"), Nothing, Unsafe, Unsafe),
            new("NameUpwardsLater", t => t.Folder("d").File("d/../../file", "evil"), Nothing, Unsafe, Unsafe),
            new("NameOfDots", t => t.File("d/./.././file", "evil"), Nothing, Unsafe, Unsafe),
            new("FileAsParent", t => t.File("p"), t => t.File("p/file", "evil"), Unsafe, Inside),
        ];
    }

    private static IEnumerable<Breakout> HardLinks(string outside)
    {
        var up = Up(outside);
        return
        [
            new("HardlinkRelative", t => t.Folder("d").Link("d/out", up), t => t.HardLink("h", "d/out/file").File("h", "evil"), Malformed, Malformed),
            new("HardlinkDownAndOut", t => t.Folder("d"), t => t.HardLink("h", $"d/../{up}/file").File("h", "evil"), Unsafe, Unsafe),
            new("HardlinkAbsolute", t => t.Link("x", outside), t => t.HardLink("h", "/x/file").File("h", "evil"), Malformed, Malformed),
            new("HardlinkRelativeLong", t => t.HardLink("h", "d/up/up/up/up/up/up" + outside + "/file"), t => t.File("h", "evil"), Malformed, Malformed),
            new("HardlinkRelativeUpAndOut", t => t.HardLink("h", up + "/file"), t => t.File("h", "evil"), Unsafe, Unsafe),
            new("HardlinkDirectRelative", t => t.HardLink("h", "../file"), Nothing, Unsafe, Unsafe),
            new("HardlinkDirectAbsolute", t => t.HardLink("h", outside + "/file"), t => t.File("h", "evil"), Malformed, Malformed),
            new("HardlinkToLowerLayer", t => t.File("q"), t => t.HardLink("h", "q"), Inside, Malformed),
            new("HardlinkToItself", t => t.HardLink("h", "h"), Nothing, Malformed, Malformed),
            new("HardlinkToFolder", t => t.Folder("d"), t => t.HardLink("h", "d"), Malformed, Malformed),
            new("HardlinkSymlinkBeforeCreateTarget", t => t.HardLink("h", "q"), t => t.Link("q", outside + "/file"), Malformed, Malformed),
            new("HardlinkSymlinkRelative", t => t.Link("q", up + "/file"), t => t.HardLink("h", "q").File("h", "evil"), Inside, Malformed),
            new("HardlinkSymlinkAbsolute", t => t.Link("q", outside + "/file"), t => t.HardLink("h", "q").File("h", "evil"), Inside, Malformed),
            new("HardlinkSymlinkChmod", t => t.Link("q", outside + "/file").HardLink("h", "q"), t => t.Entry('1', "h", "q", mode: 0b111_111_111, owner: 7), Inside, Malformed),
            new("HardlinkSymlinkFolder", t => t.Link("q", outside).HardLink("h", "q"), t => t.File("h/file", "evil"), Unsafe, Inside),
        ];
    }

    private static IEnumerable<Breakout> Marks(string outside) =>
    [
        new("WhiteoutRootParent", t => t.File(".wh..."), Nothing, Malformed, Malformed),
        new("WhiteoutParent", t => t.Folder("d"), t => t.File("d/.wh..."), Malformed, Malformed),
        new("WhiteoutRoot", t => t.File(".wh."), Nothing, Malformed, Malformed),
        new("WhiteoutCurrentDirectory", t => t.Folder("d"), t => t.File("d/.wh.."), Malformed, Malformed),
        new("WhiteoutSymlink", t => t.Link("x", outside), t => t.File(".wh.x"), Inside, Inside),
        new("WhiteoutSymlinkPath", t => t.Link("x", outside), t => t.File("x/.wh.file"), Unsafe, Inside),
        new("WhiteoutDirectoryName", t => t.File(".wh.x/file"), Nothing, Malformed, Malformed),
        new("WhiteoutDeadSymlinkParent", t => t.Link("x", outside + "/absent"), t => t.File("x/.wh.file"), Unsafe, Inside),
        new("WhiteoutRelativePath", t => t.Folder("d"), t => t.File("d/../../.wh.file"), Unsafe, Unsafe),
        new("WhiteoutThenLink", t => t.File(".wh.x"), t => t.Link("x", outside).File("x/file", "evil"), Unsafe, Unsafe),
        new("WhiteoutThenBelow", t => t.File(".wh.x"), t => t.File("x/file", "evil"), Unsafe, Inside),
        new("WhiteoutAsTarget", t => t.File(".wh.q"), t => t.HardLink("h", "q"), Malformed, Malformed),
        new("OpaqueSymlink", t => t.Link("x", outside), t => t.File("x/.wh..wh..opq"), Unsafe, Inside),
        new("OpaqueUpwards", t => t.File("../.wh..wh..opq"), Nothing, Unsafe, Unsafe),
        new("HousekeepingOfAufs", t => t.File(".wh..wh.aufs").Folder(".wh..wh.plnk").File(".wh..wh.plnk/1.2", "evil"), t => t.Link(".wh..wh.orph", outside).File(".wh..wh.orph/file", "evil"), Inside, Inside),
    ];

    private static IEnumerable<Breakout> Others(string outside) =>
    [
        new("Devices", t => t.Entry('3', "x").Entry('4', "disk"), t => t.File("disk/file"), Inside, Inside),
        new("Fifo", t => t.Entry('6', "etc/passwd").Entry('6', "etc/resolv.conf").Entry('6', "x"), t => t.File("etc/group"), Inside, Inside),
        new("FifoThenFile", t => t.Entry('6', "q"), t => t.File("q", "evil"), Inside, Inside),
        new("PasswdIsLink", t => t.Link("etc/passwd", outside + "/file").Link("etc/resolv.conf", outside + "/file"), t => t.Link("etc/group", "/proc/self/root" + outside + "/file"), Inside, Inside),
        new("SetUserId", t => t.File("suid", "evil", Convert.ToInt32("6755", 8)), t => t.Pax(("SCHILY.xattr.security.capability", "\u0001")).File("capable", "", 0b111_101_101), Inside, Inside),
        new("AttributesOfTheOverlay", t => t.Pax(("SCHILY.xattr.user.overlay.redirect", outside), ("SCHILY.xattr.trusted.overlay.redirect", outside), ("SCHILY.xattr.user.overlay.opaque", "y")).Folder("x"),
            t => t.Pax(("SCHILY.xattr.user.overlay.metacopy", ""), ("SCHILY.xattr.user.overlay.redirect", outside + "/file"), ("SCHILY.xattr.user.overlay.whiteout", "")).File("h", "evil"), Inside, Inside),
        new("AttributeWithASillyName", t => t.Pax(("SCHILY.xattr.user.", "x")).File("q"), Nothing, Unsafe, Unsafe),
        new("ControlCharacters", t => t.File("\x1b[2J\a", "evil").Link("\r\n", outside), t => t.File("\xff\xfe", "evil"), Inside, Inside),
        new("ControlCharactersUpwards", t => t.File("\x1b]0;evil\a/../../x"), Nothing, Unsafe, Unsafe),
        new("LongName", t => t.Pax(("path", new string('n', 256))).File("f"), Nothing, Unsafe, Unsafe),
        new("LongPath", t => t.Pax(("path", string.Join('/', Enumerable.Repeat("n", 3000)))).File("f"), Nothing, Malformed, Malformed),
        new("DeepPath", t => t.Pax(("path", string.Join('/', Enumerable.Repeat("n", 1000)))).File("f"), Nothing, Unsafe, Unsafe),
        new("LongTarget", t => t.Pax(("linkpath", new string('n', 5000))).Link("x", "y"), Nothing, Unsafe, Unsafe),
        new("EmptyTarget", t => t.Link("x", ""), Nothing, Unsafe, Unsafe),
        new("NegativeSize", t => t.Entry('0', "f", size: -1), Nothing, Malformed, Malformed),
        new("SizeOfHalfTheRange", t => t.Entry('0', "f", size: 1L << 62), t => t.File("g"), Malformed, Malformed),
        new("DuplicateEntries", t => t.File("h", "one").File("h", "two"), t => t.File("h", "three").Folder("x").Folder("x"), Inside, Inside),
        new("LinkWithContent", t => t.Entry('2', "x", outside + "/file", size: 512), t => t.File("evil"), Inside, Inside),
    ];

    private static void Nothing(TarBuilder tar)
    {
        // The trap is all of it.
    }

    private static byte[] Built(params Action<TarBuilder>[] parts)
    {
        var tar = new TarBuilder();
        foreach (var part in parts)
        {
            part(tar);
        }

        return tar.Build();
    }
}
