using System.Formats.Tar;
using DotnetRelease.Containers;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Containers;

/// <summary>What an engine gives out of a container is foreign, and only what was asked for is taken of it.</summary>
[TestClass]
public sealed class EngineFilesTests
{
    [TestMethod]
    public async Task A_folder_has_its_own_entries_and_not_those_below()
    {
        var tar = new TarBuilder().Folder("RPMS/").Folder("RPMS/noarch/").File("RPMS/noarch/a.rpm").Link("RPMS/z", "/etc").File("RPMS/b").File("elsewhere").File("RPMS2/c").Build();

        var entries = await EngineFiles.ListAsync("/build/RPMS", new MemoryStream(tar));

        Assert.AreEqual("b File, noarch Folder, z Link", string.Join(", ", entries.Select(entry => $"{entry.Name} {entry.Kind}")));
    }

    [TestMethod]
    public async Task The_root_folder_has_entries_too()
    {
        var entries = await EngineFiles.ListAsync("/", new MemoryStream(new TarBuilder().Folder("./").Build()));

        Assert.IsEmpty(entries);
    }

    public static IEnumerable<object[]> BadFiles() =>
    [
        ["a link", new TarBuilder().Link("a.rpm", "/etc/shadow").Build()],
        ["the end of a link", new TarBuilder().File("shadow", "x").Build()],
        ["a folder", new TarBuilder().Folder("a.rpm").Build()],
        ["a hard link", new TarBuilder().HardLink("a.rpm", "b.rpm").Build()],
        ["a device", new TarBuilder().Entry('3', "a.rpm").Build()],
        ["too large", new TarBuilder().File("a.rpm", "12345").Build()],
        ["nothing", new TarBuilder().Build()],
        ["no tar", "no tar at all"u8.ToArray()],
        ["a broken tar", new byte[512 * 3].Select((_, index) => (byte)(index % 251 + 1)).ToArray()],
        ["a tar that ends early", new TarBuilder().Entry('0', "a.rpm", size: 4).BuildUnfinished()],
    ];

    [TestMethod]
    [DynamicData(nameof(BadFiles))]
    public async Task Only_a_regular_file_of_that_name_is_taken(string what, byte[] tar)
    {
        var failure = await Assert.ThrowsExactlyAsync<ReleaseException>(() => EngineFiles.CopyAsync(("/build/a.rpm", 4), new MemoryStream(tar), new MemoryStream()), what);

        Assert.AreEqual(Fault.BuildResultWrong, failure.Fault);
        Assert.Contains("'/build/a.rpm'", failure.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_folder_that_is_sent_belongs_to_the_containers_root()
    {
        using var scratch = new Scratch();
        scratch.Write("in/folder/file", "content");
        File.CreateSymbolicLink(scratch["in/link"], "/etc/passwd");
        var sent = new MemoryStream();

        await EngineFiles.WriteFolderAsync(scratch["in"], sent);

        sent.Position = 0;
        await using var reader = new TarReader(sent);
        var entries = new List<string>();
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            entries.Add($"{entry.Name} {entry.EntryType} {entry.Uid} {entry.LinkName}".Trim());
        }

        Assert.AreEqual("folder Directory 0, folder/file RegularFile 0, link SymbolicLink 0 /etc/passwd", string.Join(", ", entries));
    }
}
