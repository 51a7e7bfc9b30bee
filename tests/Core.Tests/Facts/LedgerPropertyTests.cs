using System.Text;
using DotnetRelease.Facts;
using DotnetRelease.Fixtures;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Facts;

[TestClass]
public sealed class LedgerPropertyTests
{
    [TestMethod]
    public void Any_texts_come_back() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<string[]>(texts =>
    {
        using var scratch = new Scratch();
        var path = scratch["ledger.jsonl"];
        var ledger = Ledger.Open(path, new ListReporter());
        foreach (var text in texts)
        {
            ledger.AppendAsync(new Fact(FactKind.Failed) { Package = text, Who = "somebody" }.With(text ?? "none", text ?? "nothing"), CancellationToken.None).GetAwaiter().GetResult();
        }

        var read = Ledger.Open(path, new ListReporter()).Facts;
        return read.Select(fact => fact.Package).SequenceEqual(texts.Select(Stored))
            && read.All(fact => fact.Details.Single().Key == (fact.Package ?? "none"))
            && !File.Exists(path) == texts.Length is 0;
    }));

    [TestMethod]
    public void Any_prefix_of_the_bytes_is_a_ledger_that_can_go_on() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte, ushort>((count, cut) =>
    {
        using var scratch = new Scratch();
        var (path, facts) = (scratch["ledger.jsonl"], count % 8);
        Append(path, [.. Enumerable.Range(0, facts).Select(i => $"{i}")]);
        var bytes = facts is 0 ? [] : File.ReadAllBytes(path);
        var prefix = bytes[..(cut % (bytes.Length + 1))];
        File.WriteAllBytes(path, prefix);

        Append(path, ["after"]);

        var whole = prefix.Count(each => each is (byte)'\n');
        var read = Ledger.Open(path, new ListReporter()).Facts.Select(fact => fact.Package);
        return read.SequenceEqual([.. Enumerable.Range(0, whole).Select(i => $"{i}"), "after"]);
    }));

    private static void Append(string path, string[] packages)
    {
        var ledger = Ledger.Open(path, new ListReporter());
        foreach (var package in packages)
        {
            ledger.AppendAsync(new(FactKind.Built) { Package = package }, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>Text that is no UTF-16 cannot be written as it is.</summary>
    private static string? Stored(string? text) => text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
