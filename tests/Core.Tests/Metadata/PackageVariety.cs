using System.Collections.Immutable;
using DotnetRelease.Fixtures;

namespace DotnetRelease.Core.Tests.Metadata;

/// <summary>Packages of every shape that headers allow, the same ones for the same seed.</summary>
internal sealed class PackageVariety(int seed)
{
    private const uint Less = 2, Greater = 4, Equal = 8, PreRequire = 1 << 6, ScriptPre = 1 << 9, ScriptPost = 1 << 10, ScriptPreun = 1 << 11, Trigger = 1 << 16, MissingOk = 1 << 19, Strong = 1 << 27, RpmLib = 1 << 24;

    /// <summary>Provides, requires, conflicts, obsoletes, recommends, suggests, supplements, enhances; and the old suggests and enhances.</summary>
    private static readonly int[] Kinds = [1047, 1049, 1049, 1049, 1054, 1090, 5046, 5049, 5052, 5055, 1156, 1159];

    private static readonly uint[] Senses = [0, Equal, Less, Greater, Less | Equal, Greater | Equal, Less | Greater, Equal | Less | Greater];
    private static readonly uint[] Contexts = [0, 0, 0, PreRequire, ScriptPre, ScriptPost, ScriptPreun, Trigger, MissingOk, Strong, RpmLib, 1u << 31];
    private static readonly string[] Versions = ["", "1", "1.0", "2:1.0-3", "0:0", "1.0-1-2", "1.0~rc1^git2-0.1.fc43", ":5", "-1", "1:", "x:1", "1.0-", "é-1"];
    private static readonly string[] Names =
    [
        "zlib", "libc.so.6", "libc.so.6()(64bit)", "libc.so.6(GLIBC_2.4)(64bit)", "libc.so.6(GLIBC_2.34)(64bit)", "libc.so.6(GLIBC_2.17)(64bit)", "libc.so.6(GLIBC_PRIVATE)", "libc.so.6(GLIBC_PRIVATE)(64bit)",
        "rpmlib(FileDigests)", "/bin/sh", "/usr/bin/tool", "/etc/conf", "/usr/share/plain", "(foo >= 2 if (bar or baz))", "(a with b < 3)", "a & b <c> \"d\" 'e'", "naïve", "config(x)",
    ];

    private static readonly string[] Texts =
    [
        "", "Plain", "Two\nlines\n", " leading and trailing ", "Tab\there", "<b>&amp; \"quotes\" 'single'</b>", "Ünïcödé – “quotes” 日本語 🎉",
        "Latin \uE0E4\uE0F6\uE0FC \uE0A9 \uE093quoted\uE094", "carriage\r\nreturn", "]]>", "%{macro}", new string('x', 5000), "soft\u00ADhyphen\u0085next", "\uE0C3\uE028 broken UTF-8",
    ];

    private static readonly string[] Files =
    [
        "/etc/conf", "/etc/", "/usr/bin/tool", "/usr/sbin/d", "/opt/xbin/y", "/usr/lib/sendmail", "/usr/lib/sendmail.d", "/usr/share/plain", "/usr/share/a & <b>", "/usr/share/é",
        "/usr/share/\uE0E4.txt", "/usr/share/x y", "/bin/sh", "/var/etc/z", "/", "/usr/share/'q'\"d\"",
    ];

    private readonly Random _random = new(seed);

    internal ImmutableArray<WrittenRpm> Make(int count) => [.. Enumerable.Range(0, count).Select(One)];

    private WrittenRpm One(int number) => new($"{Pick(["v", "V", "lib", "py3-"])}{number:000}", Pick(["1.0", "2", "1.0~rc1", "1.0^20250101", "007", "1.a.b_c"]))
    {
        Release = Pick(["1", "1.fc43", "0.1.rc1.el9", "10"]),
        Arch = Pick(["noarch", "x86_64", "aarch64"]),
        Epoch = Pick<uint?>([null, null, 0, 1, 4_000_000_000]),
        SourceRpm = Pick(["v-1.0-1.src.rpm", "V&<.src.rpm", "", null]),
        Summary = Pick(Texts),
        Description = Pick(Texts),
        Texts = [.. new[] { 1011, 1014, 1015, 1016, 1020, 1007 }.Where(_ => _random.Next(3) > 0).Select(tag => (tag, Pick(Texts)))],
        Dependencies = [.. Enumerable.Range(0, _random.Next(25)).Select(_ => Dependency(number)).OrderBy(item => item.Item1)],
        Files = [.. Files.Where(_ => _random.Next(3) is 0).Select(path => (path, Pick<ushort>([0x81A4, 0x81ED, 0x41ED, 0xA1FF]), Pick<uint>([0, 0, 1, 1 << 6, 1 << 4, (1 << 6) | 1])))],
        Changes = Changes(),
        PayloadSize = _random.Next(100_000),
    };

    private (int, string, uint, string) Dependency(int number)
    {
        var (kind, name, sense) = (Pick(Kinds), _random.Next(8) is 0 ? $"v{number:000}" : Pick(Names), Pick(Senses));
        return (kind, name, sense | Pick(Contexts), sense is 0 ? "" : Pick(Versions));
    }

    /// <summary>Newest first, sometimes several of one day, sometimes not even in order.</summary>
    private ImmutableArray<(uint, string, string)> Changes()
    {
        var (changes, time) = (ImmutableArray.CreateBuilder<(uint, string, string)>(), 1763553600u);
        for (var left = _random.Next(15); left > 0; left--)
        {
            changes.Add((time, Pick(["Jane <j@example.org> - 1.0-1", "Trailing - 1  ", " ", "É & <x>", ""]), Pick(Texts)));
            time -= Pick<uint>([0, 0, 1, 86400, 864000, uint.MaxValue - 86400]);
        }

        return changes.ToImmutable();
    }

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
