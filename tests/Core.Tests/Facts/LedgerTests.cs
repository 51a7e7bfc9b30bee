using System.Diagnostics;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Facts;

[TestClass]
public sealed class LedgerTests(TestContext test)
{
    private static readonly Nevra Package = new("hello", 1, "2.0", "3.fc43", "x86_64");

    private CancellationToken Ct => test.CancellationToken;

    [TestMethod]
    public async Task A_fact_comes_back_as_it_was_written()
    {
        using var scratch = new Scratch();
        var at = new DateTimeOffset(2026, 11, 27, 6, 30, 0, TimeSpan.Zero);
        var fact = Fact.Of(FactKind.Published, Package, Digest.Of("bytes")) with { Target = "fedora-43", Where = "https://example.org/x", Who = "alice", At = at, IsObserved = true };

        await Open(scratch).AppendAsync(fact.With("z", "last\nand one more").With("a", "first"), Ct);
        var read = Open(scratch).Facts.Single();

        Assert.AreEqual("hello 1:2.0-3.fc43 hello-1:2.0-3.fc43.x86_64", $"{read.Package} {read.Version} {read.Nevra}");
        Assert.AreEqual((FactKind.Published, "fedora-43", "https://example.org/x", "alice", at, true), (read.Kind, read.Target, read.Where, read.Who, read.At, read.IsObserved));
        Assert.AreEqual(Digest.Of("bytes"), read.Digest);
        Assert.AreEqual("a=first z=last\nand one more", string.Join(' ', read.Details.Select(each => $"{each.Key}={each.Value}")));
    }

    [TestMethod]
    public async Task What_nobody_said_the_ledger_fills_in_and_nothing_is_written_before_the_first_fact()
    {
        using var scratch = new Scratch();
        var ledger = Open(scratch);

        Assert.IsFalse(ledger.Exists);
        Assert.IsEmpty(ledger.Facts);
        Assert.IsFalse(Directory.Exists(scratch[".release"]));

        var written = await ledger.AppendAsync(new(FactKind.Failed), Ct);

        Assert.AreEqual(Environment.UserName + "@" + Environment.MachineName, written.Who);
        Assert.IsLessThan(60, Math.Abs((DateTimeOffset.UtcNow - written.At).TotalSeconds));
        Assert.AreEqual(TimeSpan.Zero, written.At.Offset);
    }

    [TestMethod]
    public void Every_kind_has_a_word_that_leads_back_to_it()
    {
        foreach (var kind in Enum.GetValues<FactKind>())
        {
            Assert.AreEqual(kind, FactKinds.TryParse(kind.ToWord()));
        }

        Assert.AreEqual("rolled-back", FactKind.RolledBack.ToWord());
        Assert.IsNull(FactKinds.TryParse("Published"));
    }

    /// <summary>Case 61 of the world: a line that was cut off anywhere was never confirmed, and what was before it stands.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(40)]
    [DataRow(-1)]
    public async Task A_torn_last_line_is_set_aside_and_reported(int keep)
    {
        using var scratch = new Scratch();
        var path = Ledger.PathIn(scratch.Root);
        await FillAsync(scratch, 3);
        var lines = await File.ReadAllLinesAsync(path, Ct);
        var torn = keep > 0 ? lines[2][..keep] : lines[2][..^5] + "\0\0\0\0\0\n";
        await File.WriteAllTextAsync(path, $"{lines[0]}\n{lines[1]}\n{torn}", Ct);

        var reporter = new ListReporter();
        var ledger = Ledger.Open(path, reporter);
        Assert.HasCount(2, ledger.Facts);
        Assert.Contains("cut off", reporter.Warnings.Single(), StringComparison.Ordinal);

        await ledger.AppendAsync(new(FactKind.Built) { Package = "after" }, Ct);

        var aside = Directory.GetFiles(scratch[".release"], "ledger.jsonl.torn-3-*").Single();
        Assert.AreEqual(torn, await File.ReadAllTextAsync(aside, Ct));
        Assert.Contains(aside, reporter.Warnings[^1], StringComparison.Ordinal);
        Assert.AreEqual("0 1 after", string.Join(' ', Open(scratch).Facts.Select(fact => fact.Package)));
    }

    [TestMethod]
    [DataRow("\"package\":\"1\"", "\"package\":\"7\"", 2, "its hash is not that of its bytes", DisplayName = "a word changed")]
    [DataRow("{\"seq\":2", "{\"seq\": 2", 2, "its hash is not that of its bytes", DisplayName = "a blank added")]
    [DataRow("\n{\"seq\":2", "\n\n{\"seq\":2", 2, "is no line of a ledger", DisplayName = "an empty line")]
    public async Task A_changed_line_in_the_middle_is_named(string old, string changed, int line, string words)
    {
        using var scratch = new Scratch();
        var path = Ledger.PathIn(scratch.Root);
        await FillAsync(scratch, 4);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Ct)).Replace(old, changed, StringComparison.Ordinal), Ct);
        var before = await File.ReadAllBytesAsync(path, Ct);

        var refused = Assert.ThrowsExactly<ReleaseException>(() => Open(scratch));

        Assert.AreEqual(Fault.LedgerBroken, refused.Fault);
        Assert.AreEqual(line, refused.Position?.Line);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        CollectionAssert.AreEqual(before, await File.ReadAllBytesAsync(path, Ct));
    }

    [TestMethod]
    public async Task A_line_that_was_taken_out_or_moved_breaks_the_chain()
    {
        using var scratch = new Scratch();
        var path = Ledger.PathIn(scratch.Root);
        await FillAsync(scratch, 4);
        var lines = await File.ReadAllLinesAsync(path, Ct);

        foreach (int[] order in new int[][] { [0, 2, 3], [1, 2, 3], [0, 2, 1, 3], [0, 1, 1, 2, 3] })
        {
            await File.WriteAllLinesAsync(path, order.Select(at => lines[at]), Ct);

            Assert.AreEqual(Fault.LedgerBroken, Assert.ThrowsExactly<ReleaseException>(() => Open(scratch)).Fault, string.Join(',', order));
        }
    }

    [TestMethod]
    public async Task Two_ledgers_forged_with_right_hashes_do_not_join()
    {
        using var scratch = new Scratch();
        using var other = new Scratch();
        await FillAsync(scratch, 2);
        await FillAsync(other, 3, "other");
        var lines = await File.ReadAllLinesAsync(Ledger.PathIn(scratch.Root), Ct);
        var others = await File.ReadAllLinesAsync(Ledger.PathIn(other.Root), Ct);
        await File.WriteAllLinesAsync(Ledger.PathIn(scratch.Root), [lines[0], others[1], others[2]], Ct);

        var refused = Assert.ThrowsExactly<ReleaseException>(() => Open(scratch));

        Assert.Contains("does not follow the line before it", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Case 91.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task Many_writers_wait_for_each_other_and_no_line_is_mixed()
    {
        using var scratch = new Scratch();
        const int writers = 4;
        const int facts = 15;

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(
            async () =>
            {
                var ledger = Open(scratch);
                for (var i = 0; i < facts; i++)
                {
                    await ledger.AppendAsync(new(FactKind.Built) { Package = $"{writer}-{i}" }, Ct);
                }
            },
            Ct)));

        var packages = Open(scratch).Facts.Select(fact => fact.Package!).ToList();
        Assert.HasCount(writers * facts, packages);
        CollectionAssert.AllItemsAreUnique(packages);
        foreach (var writer in packages.GroupBy(package => package[0]))
        {
            CollectionAssert.AreEqual(Enumerable.Range(0, facts).Select(i => $"{writer.Key}-{i}").ToList(), writer.ToList());
        }
    }

    /// <summary>Case 91, with another process.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task A_writer_that_waited_long_enough_says_who_has_the_ledger()
    {
        using var scratch = new Scratch();
        await FillAsync(scratch, 1);
        var path = Ledger.PathIn(scratch.Root);
        var script = $"printf 'pid %s on elsewhere' $$ > {path}.lock; echo ready; exec sleep 50";
        using var holder = Process.Start(new ProcessStartInfo("flock", [path + ".lock", "sh", "-c", script]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            Assert.AreEqual("ready", await holder.StandardOutput.ReadLineAsync(Ct));

            var refused = await Assert.ThrowsExactlyAsync<ReleaseException>(() => Open(scratch).AppendAsync(new(FactKind.Built), Ct));

            Assert.AreEqual(Fault.LockHeld, refused.Fault);
            Assert.Contains("pid ", refused.Message, StringComparison.Ordinal);
            Assert.Contains("on elsewhere", refused.Message, StringComparison.Ordinal);
            Assert.HasCount(1, Open(scratch).Facts);
        }
        finally
        {
            holder.Kill(entireProcessTree: true);
            await holder.WaitForExitAsync(CancellationToken.None);
        }
    }

    [TestMethod]
    public async Task A_text_of_any_length_makes_a_line_that_can_be_read()
    {
        using var scratch = new Scratch();
        var endless = new string('x', 5_000_000);

        var written = await Open(scratch).AppendAsync(new Fact(FactKind.Failed) { Where = endless }.With("why", endless), Ct);

        Assert.EndsWith("…", written.Details["why"], StringComparison.Ordinal);
        Assert.IsLessThan(20_000, new FileInfo(Ledger.PathIn(scratch.Root)).Length);
        Assert.AreEqual(written.Where, Open(scratch).Facts.Single().Where);
    }

    /// <summary>Case 81.</summary>
    [TestMethod]
    public async Task A_secret_of_this_process_is_in_no_line()
    {
        using var scratch = new Scratch();
        var canary = $"CANARY_{Guid.NewGuid():n}";
        Redactor.Shared.Learn(canary);

        await Open(scratch).AppendAsync(new Fact(FactKind.Failed) { Where = $"https://u:{canary}@example.org/", Who = canary }.With("why", $"said \"{canary}\""), Ct);

        Assert.DoesNotContain(canary, await File.ReadAllTextAsync(Ledger.PathIn(scratch.Root), Ct), StringComparison.Ordinal);
        Assert.AreEqual("https://u:***@example.org/", Open(scratch).Facts.Single().Where);
    }

    private static Ledger Open(Scratch scratch) => Ledger.Open(Ledger.PathIn(scratch.Root), new ListReporter());

    private async Task FillAsync(Scratch scratch, int count, string prefix = "")
    {
        var ledger = Open(scratch);
        for (var i = 0; i < count; i++)
        {
            await ledger.AppendAsync(new(FactKind.Built) { Package = $"{prefix}{i}" }, Ct);
        }
    }
}
