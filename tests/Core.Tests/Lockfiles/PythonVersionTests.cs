using DotnetRelease.Lockfiles;

namespace DotnetRelease.Core.Tests.Lockfiles;

[TestClass]
public sealed class PythonVersionTests
{
    private static readonly string[] Ascending =
    [
        "not a version", "zzz",
        "0", "0.0.0.1", "0.9", "1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456",
        "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0+5.a", "1.0+5.0", "1.0.post456.dev34", "1.0.post456", "1.0.1",
        "1.1.dev1", "1.1", "1.2.3.4", "1.2.3.10", "1.10", "304", "2022.10", "2023.1", "20230101.999999999999999999999999999", "20230101.1000000000000000000000000000",
        "1!0.1", "1!1.0", "2!0",
    ];

    [TestMethod]
    public void Versions_are_ordered_as_PEP_440_orders_them()
    {
        for (var i = 0; i < Ascending.Length; i++)
        {
            for (var j = 0; j < Ascending.Length; j++)
            {
                Assert.AreEqual(Math.Sign(i.CompareTo(j)), Math.Sign(PythonVersion.Compare(Ascending[i], Ascending[j])), $"{Ascending[i]} and {Ascending[j]}");
            }
        }
    }

    [TestMethod]
    [DataRow("1.0", "1.0.0.0")]
    [DataRow("1.0", "v1.0")]
    [DataRow("1.0", "0!1.0")]
    [DataRow("1.0", " 1.0\t")]
    [DataRow("1.0a1", "1.0-ALPHA_1")]
    [DataRow("1.0b0", "1.0.beta")]
    [DataRow("1.0rc2", "1.0c2")]
    [DataRow("1.0rc2", "1.0-preview.2")]
    [DataRow("1.0rc2", "1.0pre02")]
    [DataRow("1.0.post1", "1.0-1")]
    [DataRow("1.0.post1", "1.0rev1")]
    [DataRow("1.0.post1", "1.0-r1")]
    [DataRow("1.0.post0", "1.0.post")]
    [DataRow("1.0.dev0", "1.0-dev")]
    [DataRow("1.0+ubuntu.1", "1.0+Ubuntu-01")]
    [DataRow("1.01", "1.1")]
    public void Two_spellings_mean_the_same_and_still_have_an_order(string left, string right)
    {
        Assert.AreEqual(0, PythonVersion.Compare(left, right));
        Assert.AreEqual(0, PythonVersion.Compare(right, left));
        Assert.AreEqual(-PythonVersion.Order.Compare(left, right), PythonVersion.Order.Compare(right, left));
        Assert.AreNotEqual(0, PythonVersion.Order.Compare(left, right));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("!")]
    [DataRow("1!")]
    [DataRow(".1")]
    [DataRow("1..2")]
    [DataRow("1.0+")]
    [DataRow("1.0+a..b")]
    [DataRow("1.0+a+b")]
    [DataRow("1.0x")]
    [DataRow("1.0.dev1.post1")]
    [DataRow("1.0-1-1")]
    [DataRow("dynamic")]
    [DataRow("١")]
    public void What_is_no_version_stands_before_all_that_are(string odd)
    {
        Assert.IsLessThan(0, PythonVersion.Compare(odd, "0.dev0"));
        Assert.IsGreaterThan(0, PythonVersion.Compare("0.dev0", odd));
    }

    [TestMethod]
    [Timeout(30_000)]
    public void The_order_is_total_for_any_texts()
    {
        const string letters = "01.!+-_adevrcpost";
        var random = new Random(1);
        var texts = Enumerable.Range(0, 300)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => letters[random.Next(letters.Length)])))
            .Concat(Ascending).Distinct().ToArray();
        var sorted = texts.Order(PythonVersion.Order).ToArray();

        for (var i = 0; i < sorted.Length; i++)
        {
            for (var j = i + 1; j < sorted.Length; j++)
            {
                Assert.IsLessThan(0, PythonVersion.Order.Compare(sorted[i], sorted[j]), $"{sorted[i]} and {sorted[j]}");
                Assert.IsGreaterThan(0, PythonVersion.Order.Compare(sorted[j], sorted[i]), $"{sorted[j]} and {sorted[i]}");
            }
        }
    }
}
