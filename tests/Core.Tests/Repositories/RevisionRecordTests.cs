using System.Text;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Repositories;

[TestClass]
public sealed class RevisionRecordTests
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    [TestMethod]
    public void The_first_record_knows_also_what_was_there_before_it()
    {
        var record = RevisionRecord.After(null, Change(7, RecordedAct.Published, ["a-1-1"], ["a-1-1", "b-2-1"]));

        Assert.AreEqual(7, record.Current.Revision);
        Assert.AreEqual(2, record.Current.Packages);
        Assert.AreEqual("a 1-1, b 2-1", Highest(record));
        Assert.IsEmpty(record.Removed);
        Assert.IsNull(record.Previous());
    }

    [TestMethod]
    public void The_highest_version_never_falls_whatever_is_published_pruned_and_rolled_back()
    {
        // Any sequence of package sets; a set is a list of versions of one package.
        var property = Prop.ForAll<byte[][]>(sets =>
        {
            RevisionRecord? record = null;
            var (before, highest) = (Array.Empty<string>(), (Evr?)null);
            foreach (var (set, at) in sets.Where(set => set is not null).Select((set, at) => (set, at)))
            {
                string[] now = [.. set.Distinct().Select(version => $"a-{version}-1")];
                record = RevisionRecord.After(record, Change(at + 1, RecordedAct.Pruned, before, now));
                var newest = set.Select(version => Evr.Parse($"{version}-1")).DefaultIfEmpty().Max();
                highest = highest is null || (newest is not null && newest > highest) ? newest : highest;
                if (record.Highest.FirstOrDefault(each => each.IsOf(new Nevra("a", 0, "0", "1", "noarch")))?.Evr.CompareTo(highest) is not (0 or null))
                {
                    return false;
                }

                before = now;
            }

            return true;
        });

        FsCheck.Check.QuickThrowOnFailure(property);
    }

    [TestMethod]
    public void Epoch_tilde_and_caret_count_as_rpm_counts_them()
    {
        var first = RevisionRecord.After(null, Change(1, RecordedAct.Published, [], ["a-1.0~rc1-1", "b-1.0-1", "c-2.0-9"]));
        var second = RevisionRecord.After(first, Change(2, RecordedAct.Published, [], ["a-1.0-1", "b-1.0^git1-1", "c-1:1.0-1"]));
        var third = RevisionRecord.After(second, Change(3, RecordedAct.Published, [], ["a-1.0~rc2-1", "b-1.0-2", "c-3.0-1"]));

        Assert.AreEqual("a 1.0-1, b 1.0^git1-1, c 1:1.0-1", Highest(third));
    }

    [TestMethod]
    public void What_is_gone_is_remembered_until_it_comes_back()
    {
        var first = RevisionRecord.After(null, Change(1, RecordedAct.Published, [], ["a-1-1"]));
        var second = RevisionRecord.After(first, Change(2, RecordedAct.Published, ["a-1-1"], ["a-1-1", "a-2-1"]));
        var third = RevisionRecord.After(second, Change(3, RecordedAct.Withdrawn, ["a-1-1", "a-2-1"], ["a-1-1"]));
        var fourth = RevisionRecord.After(third, Change(4, RecordedAct.Published, ["a-1-1"], ["a-1-1", "a-2-1"]));

        Assert.AreEqual("a-2-1.noarch 3 withdrawn", string.Join(", ", third.Removed.Select(package => $"{package.Nevra} {package.Revision} {package.Act}")));
        Assert.IsEmpty(fourth.Removed);
    }

    [TestMethod]
    public void Going_back_twice_goes_back_two_steps_and_forward_again_stands_where_it_was()
    {
        var record = Enumerable.Range(1, 3).Aggregate((RevisionRecord?)null, (before, at) => RevisionRecord.After(before, Change(at, RecordedAct.Published, [], [$"a-{at}-1"])))!;
        Assert.AreEqual(2, record.Previous()!.Revision);

        var once = RevisionRecord.After(record, Change(4, RecordedAct.RolledBack, [], ["a-2-1"]) with { Restores = 2 });
        Assert.AreEqual(1, once.Previous()!.Revision);

        var twice = RevisionRecord.After(once, Change(5, RecordedAct.RolledBack, [], ["a-1-1"]) with { Restores = 1 });
        Assert.IsNull(twice.Previous());

        var forward = RevisionRecord.After(twice, Change(6, RecordedAct.RolledBack, [], ["a-2-1"]) with { Restores = 4 });
        Assert.AreEqual(1, forward.Previous()!.Revision);
    }

    [TestMethod]
    public void When_a_file_is_deleted_the_revisions_that_named_it_are_no_longer_ones_to_go_back_to()
    {
        var one = RevisionRecord.After(null, Change(1, RecordedAct.Published, [], ["a-1-1"]));
        var two = RevisionRecord.After(one, Change(2, RecordedAct.Pruned, ["a-1-1"], ["a-2-1"]));
        var three = RevisionRecord.After(two, Change(3, RecordedAct.Published, ["a-2-1"], ["a-2-1", "a-3-1"]));

        var without = three.Without(three.Removed);

        CollectionAssert.AreEqual(new long[] { 3, 2 }, without.Revisions.Select(revision => revision.Revision).ToArray());
        Assert.IsEmpty(without.Removed);
        Assert.AreEqual("a 3-1", Highest(without));
    }

    [TestMethod]
    public void Ten_revisions_are_kept()
    {
        var record = Enumerable.Range(1, 15).Aggregate((RevisionRecord?)null, (before, at) => RevisionRecord.After(before, Change(at, RecordedAct.Published, [], [])))!;

        Assert.HasCount(10, record.Revisions);
        Assert.AreEqual(15, record.Current.Revision);
    }

    [TestMethod]
    public void A_record_is_what_it_was_after_writing_and_reading()
    {
        var record = Full();

        var bytes = RevisionRecordJson.Write(record);
        var read = RevisionRecordJson.Read(bytes, "x");

        Assert.AreEqual(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(RevisionRecordJson.Write(read)));
        Assert.AreEqual(record.Removed[0], read.Removed[0]);
        Assert.AreEqual(record.Revisions[0], read.Revisions[0]);
        Assert.AreEqual(Highest(record), Highest(read));
    }

    [TestMethod]
    [DataRow("\"format\": \"dotnet-release repository record 1\"", "\"format\": \"dotnet-release repository record 2\"", "its format is not")]
    [DataRow("\"path\": \"a-1-1.noarch.rpm\"", "\"path\": \"../a-1-1.noarch.rpm\"", "no plain path")]
    [DataRow("\"path\": \"a-1-1.noarch.rpm\"", "\"path\": \"/etc/passwd.rpm\"", "no plain path")]
    [DataRow("\"path\": \"a-1-1.noarch.rpm\"", "\"path\": \"repodata/repomd.xml\"", "no plain path")]
    [DataRow("\"revision\": 2", "\"revision\": -2", "no whole number 'revision'")]
    [DataRow("\"revision\": 2", "\"revision\": 2e99", "no whole number 'revision'")]
    [DataRow("\"revision\": 2", "\"revision\": 2, \"revision\": 3", "is not usable")]
    [DataRow("\"act\": \"withdrawn\"", "\"act\": \"eaten\"", "act 'eaten'")]
    [DataRow("2026-01-05T08:00:00Z", "yesterday", "no time")]
    [DataRow("\"evr\": \"0:2-1\"", "\"evr\": \"0:2\"", "no version with a release")]
    [DataRow("\"highest\": [", "\"highest\": 1, \"others\": [", "no list 'highest'")]
    [DataRow("\"highest\": [", "\"highest\": [[[[[[]]]]],", "is not usable")]
    [DataRow("{", "", "is not usable")]
    public void A_wrong_record_is_refused_with_the_reason(string old, string wrong, string reason)
    {
        var text = Encoding.UTF8.GetString(RevisionRecordJson.Write(Full()));
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.IsGreaterThanOrEqualTo(0, at, old);

        var ex = Assert.ThrowsExactly<ReleaseException>(() => RevisionRecordJson.Read(Encoding.UTF8.GetBytes(text[..at] + wrong + text[(at + old.Length)..]), "file"));

        Assert.AreEqual(Fault.RecordMalformed, ex.Fault);
        Assert.Contains(reason, ex.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Whatever_the_bytes_are_only_our_exception_leaves_the_reader()
    {
        var text = RevisionRecordJson.Write(Full());
        var property = Prop.ForAll<int, byte>((at, value) =>
        {
            var bytes = text.ToArray();
            bytes[(int)((uint)at % bytes.Length)] = value;
            try
            {
                return RevisionRecordJson.Read(bytes, "x").Revisions.Length > 0;
            }
            catch (ReleaseException ex)
            {
                return ex.Fault == Fault.RecordMalformed;
            }
        });

        FsCheck.Check.One(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000), property);
    }

    private static RevisionRecord Full()
    {
        var first = RevisionRecord.After(null, Change(1, RecordedAct.Published, [], ["a-1-1"]));
        return RevisionRecord.After(first, Change(2, RecordedAct.Withdrawn, ["a-1-1"], ["a-2-1"]) with { Restores = 1 });
    }

    private static string Highest(RevisionRecord record) => string.Join(", ", record.Highest.Select(version => $"{version.Name} {Plain(version.Evr)}"));

    private static string Plain(Evr evr) => evr.Epoch is 0 ? evr.ToString()[2..] : evr.ToString();

    private static RecordedChange Change(long revision, string act, string[] before, string[] now) =>
        new("demo-qa", act, Monday.AddHours(revision - 1))
        {
            Revision = revision,
            Repomd = Digest.Of($"{revision}"),
            Before = [.. before.Select(Package)],
            Now = [.. now.Select(Package)],
        };

    /// <summary>From <c>name-[epoch:]version-release</c>.</summary>
    private static IndexedPackage Package(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var evr = Evr.Parse(text[(dash + 1)..]);
        var nevra = new Nevra(text[..dash], evr.Epoch ?? 0, evr.Version, evr.Release!, "noarch");
        return new IndexedPackage(nevra, new RepositoryFile(nevra.FileName, 1, Digest.Of(text)), 0) { Primary = default, Filelists = default, Other = default };
    }
}
