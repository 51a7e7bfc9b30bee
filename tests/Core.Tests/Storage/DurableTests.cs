using DotnetRelease.Fixtures;
using DotnetRelease.Storage;

namespace DotnetRelease.Core.Tests.Storage;

[TestClass]
public sealed class DurableTests(TestContext test)
{
    [TestMethod]
    public async Task Of_many_that_create_one_file_at_once_one_does_and_nothing_else_is_left()
    {
        using var scratch = new Scratch();
        var path = scratch["folder/file"];

        var created = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
            (Number: number, IsMine: await Durable.CreateAsync(path, new byte[] { (byte)number }, test.CancellationToken)))));

        Assert.AreEqual(created.Single(each => each.IsMine).Number, File.ReadAllBytes(path).Single());
        Assert.AreEqual(path, Directory.EnumerateFiles(scratch["folder"]).Single());
    }

    [TestMethod]
    public async Task A_link_that_leads_nowhere_has_the_name_too()
    {
        using var scratch = new Scratch();
        File.CreateSymbolicLink(scratch["file"], scratch["elsewhere"]);

        Assert.IsFalse(await Durable.CreateAsync(scratch["file"], new byte[] { 1 }, test.CancellationToken));
        Assert.IsFalse(File.Exists(scratch["elsewhere"]));
    }

    [TestMethod]
    public async Task A_folder_that_cannot_be_is_a_failure()
    {
        using var scratch = new Scratch();
        scratch.Write("file", "x");

        var ex = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Durable.CreateAsync(scratch["file/below"], new byte[] { 1 }, test.CancellationToken));

        Assert.AreEqual(Fault.WriteFailed, ex.Fault);
        Assert.AreEqual(Fault.WriteFailed, (await Assert.ThrowsExactlyAsync<ReleaseException>(() => Durable.WriteAsync(scratch["file/below"], new byte[] { 1 }, test.CancellationToken))).Fault);
    }
}
