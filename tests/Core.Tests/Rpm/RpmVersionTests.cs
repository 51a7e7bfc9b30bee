using System.Globalization;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;

namespace DotnetRelease.Core.Tests.Rpm;

[TestClass]
public sealed class RpmVersionTests(TestContext test)
{
    [TestMethod]
    [DataRow("1.0", "1.0", 0)]
    [DataRow("1.0", "2.0", -1)]
    [DataRow("2.0.1", "2.0.1a", -1)]
    [DataRow("10xyz", "10.1xyz", -1)]
    [DataRow("xyz.4", "8", -1)]
    [DataRow("6.0.rc1", "6.0", 1)]
    [DataRow("10b2", "10a1", 1)]
    [DataRow("1.0.", "1.0", 0)]
    [DataRow("1.00", "1.0", 0)]
    [DataRow("1.0~rc1", "1.0", -1)]
    [DataRow("1.0~rc1", "1.0~rc1~git1", 1)]
    [DataRow("1.0^", "1.0", 1)]
    [DataRow("1.0^git1", "1.01", -1)]
    [DataRow("1.0~rc1^git1", "1.0~rc1", 1)]
    [DataRow("1.0^git1~pre", "1.0^git1", -1)]
    [DataRow("99999999999999999999999", "100000000000000000000000", -1)]
    [DataRow("1.é", "1", 0)]
    public void Known_pairs_compare_as_in_rpms_own_tests(string one, string other, int expected)
    {
        Assert.AreEqual(expected, Math.Sign(RpmVersion.Compare(one, other)));
        Assert.AreEqual(-expected, Math.Sign(RpmVersion.Compare(other, one)));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Thousands_of_random_pairs_compare_as_rpm_compares_them()
    {
        const int pairs = 3000;
        var random = new Random(20251120);
        var texts = Enumerable.Range(0, pairs).Select(_ => Pair(random)).ToArray();
        var script = string.Concat(texts.Select(pair => $"io.write(rpm.vercmp(\"{pair.One}\",\"{pair.Other}\"),\" \")\n"));

        // From a file: the limit for one argument is smaller than the script.
        var file = Path.Combine(Directory.CreateTempSubdirectory("dr-").FullName, "compare.lua");
        await File.WriteAllTextAsync(file, script, test.CancellationToken);
        var said = await Exec.ReadAsync(new Command("rpm", "--eval", $"%{{lua: dofile(\"{file}\")}}"), test.CancellationToken);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        var theirs = said.Output.Split(' ', StringSplitOptions.TrimEntries).Take(pairs).Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();

        var different = texts.Where((pair, index) => Math.Sign(Evr.Parse(pair.One).CompareTo(Evr.Parse(pair.Other))) != theirs[index]).ToArray();
        Assert.IsEmpty(different, string.Join("; ", different.Take(5)));
        Assert.IsGreaterThan(100, theirs.Count(result => result is 0));
    }

    [TestMethod]
    [DataRow("1.0", null, "1.0", null)]
    [DataRow("1.0-2", null, "1.0", "2")]
    [DataRow("3:1.0-2", 3u, "1.0", "2")]
    [DataRow(":1.0", 0u, "1.0", null)]
    [DataRow("1.0-2-3", null, "1.0-2", "3")]
    [DataRow("a:1.0", null, "a:1.0", null)]
    [DataRow("", null, "", null)]
    public void An_evr_is_taken_apart_as_rpm_does(string text, uint? epoch, string version, string? release) =>
        Assert.AreEqual(new Evr(epoch, version, release), Evr.Parse(text));

    /// <summary>Every second pair differs only in separators and leading zeros, if at all.</summary>
    private static (string One, string Other) Pair(Random random)
    {
        var one = Text(random);
        return (one, random.Next(2) is 0 ? Text(random) : one.Replace(".", random.Next(2) is 0 ? "_" : "..", StringComparison.Ordinal).Replace("_", ".0", StringComparison.Ordinal));
    }

    /// <summary>Few letters and short texts, so that many pairs are alike.</summary>
    private static string Text(Random random)
    {
        const string letters = "0011299ab.._~^+-";
        var text = new string([.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => letters[random.Next(letters.Length)])]);
        return random.Next(4) is 0 ? $"{random.Next(3)}:1{text}" : "1" + text;
    }
}
