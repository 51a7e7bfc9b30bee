using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests;

/// <summary>What holds for any secret, any text around it, and any pieces that the text comes in.</summary>
[TestClass]
public sealed class RedactorPropertyTests
{
    [TestMethod]
    public void No_secret_survives_whole_or_in_pieces() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll<string[], NonNull<string>, byte>((around, word, size) =>
    {
        var secret = $"{word.Get}CANARY{word.Get}";
        var redactor = new Redactor();
        redactor.Learn(secret);
        var hidden = secret.Trim();
        string?[] parts = [.. around, Uri.EscapeDataString(hidden.Replace("\ud800", "", StringComparison.Ordinal)), .. around, hidden];
        var text = string.Join(secret, parts);

        var written = new StringWriter(CultureInfo.InvariantCulture);
        using (var writer = redactor.Guard(() => written))
        {
            foreach (var piece in text.Chunk(size + 1))
            {
                writer.Write(piece);
            }
        }

        string[] results = [redactor.Hide(text), written.ToString()];
        return results.All(result => !result.Contains(hidden, StringComparison.Ordinal) && !redactor.Reveals(result) && result.Contains(Redactor.Placeholder, StringComparison.Ordinal));
    }));
}
