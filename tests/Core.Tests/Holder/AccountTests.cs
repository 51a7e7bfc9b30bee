extern alias holder;

using holder::DotnetRelease.Holder.Launch;

namespace DotnetRelease.Core.Tests.Holder;

/// <summary>The expectations are what <c>podman run --user</c> gives for the same files.</summary>
[TestClass]
public sealed class AccountTests
{
    private static readonly Dictionary<string, string[]> Files = new()
    {
        ["/etc/passwd"] = ["# a comment", "root:x:0:0::/root:/bin/sh", "builder:x:1000:1001::/home/b:/bin/sh", "homeless:x:7:7:::", "broken:x", "42:x:43:43::/number:/bin/sh", "large:x:4294967296:0::/:/bin/sh"],
        ["/etc/group"] = ["root:x:0:", "wheel:x:10:root,builder", "docs:x:20:build,builderx", "builder:x:1001:", "again:x:10:builder", "short:x:9"],
    };

    [TestMethod]
    [DataRow("", "0:0  /root")]
    [DataRow("root", "0:0 10 /root")]
    [DataRow("0", "0:0 10 /root")]
    [DataRow("builder", "1000:1001 10 /home/b")]
    [DataRow("1000", "1000:1001 10 /home/b")]
    [DataRow("builder:wheel", "1000:10  /home/b")]
    [DataRow("builder:20", "1000:20  /home/b")]
    [DataRow("builder:", "1000:1001 10 /home/b")]
    [DataRow(":wheel", "0:10  /root")]
    [DataRow("1234", "1234:0  /")]
    [DataRow("5:7", "5:7  /")]
    [DataRow("homeless", "7:7  /")]
    [DataRow("42", "42:0  /", DisplayName = "a number is never a name")]
    public void A_user_is_found_as_podman_finds_it(string text, string expected)
    {
        var account = Find(text);

        Assert.AreEqual(expected, $"{account.User}:{account.Group} {string.Join(',', account.Groups)} {account.Home}");
    }

    [TestMethod]
    [DataRow("nobody", "no user 'nobody'")]
    [DataRow("broken", "no user 'broken'")]
    [DataRow("large", "no user 'large'")]
    [DataRow("-1", "no user '-1'")]
    [DataRow("builder:nogroup", "no group 'nogroup'")]
    [DataRow("builder:short", "no group 'short'")]
    public void An_unknown_name_is_named(string text, string expected) =>
        Assert.Contains(expected, Assert.ThrowsExactly<UnknownAccountException>(() => Find(text)).Message, StringComparison.Ordinal);

    [TestMethod]
    public void An_image_without_these_files_knows_numbers() => Assert.AreEqual(8u, Account.Find("8:9", _ => []).User);

    private static Account Find(string text) => Account.Find(text, file => Files[file]);
}
