using System.Buffers.Text;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests;

/// <summary>Cases 81 to 83 of the redactor itself: every usual form of a secret is hidden, also in pieces.</summary>
[TestClass]
public sealed class RedactorTests
{
    private const string Secret = "CANARY_p4\"s/s+w ör%d";

    [TestMethod]
    public void A_secret_is_hidden_as_it_is_and_in_every_usual_encoding()
    {
        var redactor = Knowing(Secret);
        string[] forms =
        [
            Secret,
            Uri.EscapeDataString(Secret),
            Uri.EscapeDataString(Secret).ToLowerInvariant().Replace("canary", "CANARY", StringComparison.Ordinal),
            Uri.EscapeDataString(Secret).Replace("%20", "+", StringComparison.Ordinal),
            JsonSerializer.Serialize(Secret),
            JsonText.Of(json => json.WriteStringValue(Secret)),
        ];

        foreach (var form in forms)
        {
            Assert.DoesNotContain("CANARY", redactor.Hide($"before {form} after {form}"), StringComparison.Ordinal, form);
            Assert.StartsWith("before ", redactor.Hide($"before {form} after"), StringComparison.Ordinal, form);
            Assert.EndsWith(" after", redactor.Hide($"before {form} after"), StringComparison.Ordinal, form);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x")]
    [DataRow("me:")]
    [DataRow("user:")]
    [DataRow("x-access-token:")]
    public void A_secret_in_base64_is_hidden_wherever_it_begins_in_a_group(string before)
    {
        var redactor = Knowing(Secret);
        foreach (var after in (string[])["", "1", "22", "333"])
        {
            var bytes = Encoding.UTF8.GetBytes(before + Secret + after);

            // What is left can be decoded to no more than a piece that says nothing.
            Assert.IsLessThanOrEqualTo(28, redactor.Hide(Convert.ToBase64String(bytes)).Length - Redactor.Placeholder.Length);
            Assert.Contains(Redactor.Placeholder, redactor.Hide(Convert.ToBase64String(bytes)), StringComparison.Ordinal);
            Assert.Contains(Redactor.Placeholder, redactor.Hide(Base64Url.EncodeToString(bytes)), StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void Overlapping_secrets_leave_nothing_of_either()
    {
        var redactor = Knowing("first-second", "second-third");

        Assert.AreEqual("<***>", redactor.Hide("<first-second-third>"));
    }

    [TestMethod]
    public void Each_line_of_a_key_is_a_secret()
    {
        var redactor = Knowing("-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END KEY-----\n");

        Assert.AreEqual("line 2: ***", redactor.Hide("line 2: DDDDEEEEFFFF"));
    }

    [TestMethod]
    public void What_is_too_short_or_blank_is_no_secret()
    {
        var redactor = Knowing("", "   \n", "abc", null);

        Assert.IsTrue(redactor.IsEmpty);
        Assert.AreEqual("abc", redactor.Hide("abc"));
    }

    [TestMethod]
    public void The_password_of_a_url_is_a_secret_and_a_token_in_its_place_too()
    {
        var redactor = new Redactor();
        redactor.LearnUserInfo("https://alice:p%40ssword@example.org/x");
        redactor.LearnUserInfo("https://ghp_token@example.org/x");

        Assert.AreEqual("alice *** *** ***", redactor.Hide("alice p%40ssword p@ssword ghp_token"));
    }

    [TestMethod]
    public void Variables_are_secrets_by_their_names_unless_their_value_is_a_word()
    {
        var redactor = new Redactor();
        redactor.LearnEnvironment(new Hashtable
        {
            ["GITHUB_TOKEN"] = "ghs_0123456789",
            ["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI",
            ["https_proxy"] = "http://u:proxypass@proxy:3128",
            ["HAS_TOKEN"] = "true",
            ["HOME"] = "/home/alice",
        });

        Assert.AreEqual("*** *** *** true /home/alice", redactor.Hide("ghs_0123456789 wJalrXUtnFEMI proxypass true /home/alice"));
    }

    [TestMethod]
    public void A_writer_hides_a_secret_that_comes_in_pieces_of_any_size()
    {
        var text = $"a CANARY that is none, {Secret}{Secret}, CANARY_p4 and the end\n";
        var expected = Knowing(Secret).Hide(text);
        Assert.DoesNotContain(Secret, expected, StringComparison.Ordinal);
        for (var size = 1; size < text.Length; size++)
        {
            var written = new StringWriter(CultureInfo.InvariantCulture);
            using (var writer = Knowing(Secret).Guard(() => written))
            {
                foreach (var piece in text.Chunk(size))
                {
                    writer.Write(piece);
                }
            }

            Assert.AreEqual(expected, written.ToString(), $"in pieces of {size}");
        }
    }

    [TestMethod]
    public void A_writer_holds_back_nothing_that_cannot_become_a_secret()
    {
        var written = new StringWriter(CultureInfo.InvariantCulture);
        using var writer = Knowing(Secret).Guard(() => written);

        writer.Write("Type the name: ");

        Assert.AreEqual("Type the name: ", written.ToString());
    }

    [TestMethod]
    public void A_reporter_says_everything_but_the_secret()
    {
        var inner = new ListReporter();
        var reporter = new RedactedReporter(Knowing(Secret), inner);

        using (reporter.Stage($"upload {Secret}"))
        {
            reporter.Info($"info {Secret}");
            reporter.Detail($"detail {Secret}");
            reporter.Warning($"warning {Secret}");
            reporter.Progress($"file {Secret}", 1, 2);
        }

        CollectionAssert.AreEqual((string[])["upload ***", "info ***", "detail ***"], inner.Lines.ToArray());
        Assert.AreEqual("warning ***", inner.Warnings.Single());
        Assert.AreEqual("file ***", inner.ProgressCalls.Single().What);
    }

    [TestMethod]
    public void Who_knows_a_secret_leaves_no_core_file()
    {
        _ = Knowing(Secret);

        Assert.MatchesRegex(@"(?m)^Max core file size\s+0\s+0\s", File.ReadAllText("/proc/self/limits"));
    }

    private static Redactor Knowing(params string?[] secrets)
    {
        var redactor = new Redactor();
        foreach (var secret in secrets)
        {
            redactor.Learn(secret);
        }

        return redactor;
    }
}
