using System.Reflection;
using System.Text.RegularExpressions;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests;

[TestClass]
public sealed partial class FaultTests
{
    private static readonly Fault[] Catalogue =
        [.. typeof(Fault).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(Fault)).Select(field => (Fault)field.GetValue(null)!)];

    [TestMethod]
    public void Ids_are_unique_and_have_their_form()
    {
        CollectionAssert.AllItemsAreUnique(Catalogue.Select(fault => fault.Id).ToList());
        Assert.AreEqual("", string.Join(' ', Catalogue.Select(fault => fault.Id).Where(id => !Id().IsMatch(id))));
    }

    [TestMethod]
    public void The_page_of_errors_has_one_paragraph_for_each()
    {
        var described = Heading().Matches(File.ReadAllText(Checkout.At("docs", "errors.md"))).Select(match => match.Groups["id"].Value);

        CollectionAssert.AreEqual(Catalogue.Select(fault => fault.Id).Order(StringComparer.Ordinal).ToList(), described.ToList());
    }

    [TestMethod]
    public void The_page_of_errors_tells_the_right_exit_code()
    {
        var text = File.ReadAllText(Checkout.At("docs", "errors.md"));

        var wrong = Catalogue.Where(fault => !text.Contains($"### {fault.Id} (exit {(int)fault.Exit})", StringComparison.Ordinal));

        Assert.AreEqual("", string.Join(' ', wrong.Select(fault => fault.Id)));
    }

    [GeneratedRegex(@"^REL\d{4}$")]
    private static partial Regex Id();

    [GeneratedRegex(@"^### (?<id>REL\d{4}) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();
}
