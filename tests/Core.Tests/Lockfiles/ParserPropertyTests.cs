using System.Text;
using DotnetRelease.Fixtures;
using DotnetRelease.Lockfiles;
using DotnetRelease.Toml;
using FsCheck;
using FsCheck.Fluent;

namespace DotnetRelease.Core.Tests.Lockfiles;

/// <summary>Whatever the text is: a value or one of our own refusals with a place comes out, never another exception, and never a hang.</summary>
[TestClass]
public sealed class ParserPropertyTests
{
    private const int Rounds = 1500;
    private static readonly string[] TomlWords = ["a", "b.c", "\"k\"", "'l'", "=", "[", "]", "[[", "]]", "{", "}", ",", "\n", "#", "1", "-0x1", "1e9", "inf", "\"", "\"\"\"", "'''", "\\u", "\\", "1979-05-27", "T07:32:00Z", "true", ".", " ", "\t", "\r\n"];
    private static readonly string[] JsonWords = ["{", "}", "[", "]", ":", ",", "\"a\"", "\"", "\\u12", "\\ud800", "1", "-", "0", ".5", "e9", "true", "null", "nul", " ", "\n", "\"lockfileVersion\":3", "\"packages\":"];

    /// <summary>One lock of each format, in which anything is changed.</summary>
    private static readonly string[] Locks =
    [
        Lockfiles.Locks.Poetry(Lockfiles.Locks.Package("a", "1.0")),
        Lockfiles.Locks.Uv(Lockfiles.Locks.UvPackage("a", "1.0")),
        .. Directory.EnumerateFiles(Checkout.At("tests", "Core.Tests", "Lockfiles", "Samples")).Order(StringComparer.Ordinal).Select(File.ReadAllText),
        "golang.org/x/text v0.3.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        $"attrs==25.1.0 ; python_version >= \"3.8\" \\\n    --hash=sha256:{new string('1', 64)}\n",
    ];

    [TestMethod]
    [Timeout(120_000)]
    public void Words_of_toml_in_any_order_are_a_document_or_refused() => Holds(TomlWords, text =>
    {
        TomlReader.Parse(text, "x", Fault.SettingsInvalid);
        TomlReader.Parse(text, "x", Fault.SettingsInvalid, TomlEdition.V11);
    });

    [TestMethod]
    [Timeout(120_000)]
    public void Words_of_json_in_any_order_are_a_document_or_refused() => Holds(JsonWords, text => JsonReader.Parse(text, "x", Fault.LockMalformed));

    [TestMethod]
    [Timeout(120_000)]
    public void Any_bytes_are_a_lock_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Rounds), Prop.ForAll<byte[]>(bytes => IsReadOrRefused(() => LockfileReader.Read(bytes, "x"))));

    [TestMethod]
    [Timeout(120_000)]
    public void Locks_of_every_format_with_changes_anywhere_are_read_or_refused() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Rounds),
        Prop.ForAll<byte, (ushort At, byte Value)[], ushort>((which, changes, cut) =>
        {
            var bytes = Encoding.UTF8.GetBytes(Locks[which % Locks.Length]);
            foreach (var (at, value) in changes ?? [])
            {
                bytes[at % bytes.Length] = value;
            }

            var length = cut % 4 is 0 ? cut % bytes.Length : bytes.Length;
            return IsReadOrRefused(() => LockfileReader.Read(bytes.AsSpan(0, length), "x"));
        }));

    private static void Holds(string[] words, Action<string> read) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Rounds),
        Prop.ForAll<byte[]>(choice => IsReadOrRefused(() => read(string.Concat((choice ?? []).Select(each => words[each % words.Length]))))));

    private static bool IsReadOrRefused(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (ReleaseException ex)
        {
            return ex.Fault.Exit is ExitCode.Usage && ex.Position is { File: "x" };
        }
    }
}
