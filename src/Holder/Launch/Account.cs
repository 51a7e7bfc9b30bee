using System.Globalization;

namespace DotnetRelease.Holder.Launch;

/// <summary>Whom a command runs as.</summary>
/// <param name="User">Number of the user.</param>
/// <param name="Group">Number of the group.</param>
/// <param name="Groups">Numbers of further groups.</param>
/// <param name="Home">The user's folder.</param>
internal sealed record Account(uint User, uint Group, uint[] Groups, string Home)
{
    /// <summary>group(5): name, password, group, members.</summary>
    private const int GroupMembers = 3;

    /// <summary>The container's root, whom every command runs as until somebody says otherwise.</summary>
    internal static Account Root { get; } = new(0, 0, [], "/root");

    internal bool IsPlainRoot => User is 0 && Group is 0 && Groups.Length is 0;

    /// <summary>
    /// Reads <c>USER[:GROUP]</c>, each a name or a number, with the image's own <c>/etc/passwd</c> and <c>/etc/group</c>, as podman and docker
    /// do: a number needs no entry; further groups are those of the user's entry, unless a group is named.
    /// </summary>
    /// <param name="text">What the user or the image says; no text means <see cref="Root"/>.</param>
    /// <param name="read">Lines of a file of the image; none when there is no such file.</param>
    /// <exception cref="UnknownAccountException">There is no such name.</exception>
    internal static Account Find(string text, Func<string, string[]> read)
    {
        if (text.Length is 0)
        {
            return Root;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (userName, groupName) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        var (account, login) = FindUser(userName.Length > 0 ? userName : "0", read("/etc/passwd"));
        var groups = read("/etc/group").Select(line => line.Split(':')).Where(parts => parts.Length > GroupMembers).ToArray();
        return groupName.Length > 0
            ? account with { Group = FindGroup(groupName, groups) }
            : account with { Groups = [.. groups.Where(parts => parts[GroupMembers].Split(',').Contains(login, StringComparer.Ordinal)).Select(parts => Number(parts[2])).OfType<uint>().Distinct()] };
    }

    /// <summary>passwd(5): name, password, user, group, comment, home, shell. A number alone has no name and belongs to no further group.</summary>
    private static (Account Account, string? Login) FindUser(string name, string[] lines)
    {
        const int home = 5;
        var number = Number(name);
        foreach (var line in lines)
        {
            var parts = line.Split(':');
            if (parts.Length > home && Number(parts[2]) is { } user && Number(parts[3]) is { } group
                && (number is null ? string.Equals(parts[0], name, StringComparison.Ordinal) : user == number))
            {
                return (new Account(user, group, [], parts[home].Length > 0 ? parts[home] : "/"), parts[0]);
            }
        }

        return number is { } free
            ? (new Account(free, 0, [], "/"), null)
            : throw new UnknownAccountException($"the image has no user '{name}' in /etc/passwd");
    }

    private static uint FindGroup(string name, string[][] groups) =>
        Number(name)
        ?? groups.Where(parts => string.Equals(parts[0], name, StringComparison.Ordinal)).Select(parts => Number(parts[2])).FirstOrDefault()
        ?? throw new UnknownAccountException($"the image has no group '{name}' in /etc/group");

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A name that an image does not know.</summary>
internal sealed class UnknownAccountException(string message) : Exception(message);
