using System.Collections.Immutable;
using DotnetRelease.Lockfiles;

namespace DotnetRelease.Specs;

/// <summary>What a spec has to be brought in line with.</summary>
/// <param name="Spec">As it is now.</param>
/// <param name="Version">The locked version that <c>Version:</c> follows, as Python writes it.</param>
/// <param name="Packages">The followed packages.</param>
public sealed record SpecUpdateRequest(SpecFile Spec, string Version, ImmutableArray<FollowedPackage> Packages)
{
    /// <summary>Machines the spec is built for; only needed where a source line leaves the machine to a macro.</summary>
    public ImmutableArray<string> Archs { get; init; } = ["x86_64"];

    /// <summary>The distros and machines the spec is built for, as far as they are known: a new wheel has to run there.</summary>
    public ImmutableArray<SpecMachine> Machines { get; init; } = [];

    /// <summary>Who writes the changelog entry and when; null writes none.</summary>
    public SpecAuthor? Author { get; init; }

    /// <summary>Digests in the spec that belong to other files and stay, such as those of the <c>sources</c> file.</summary>
    public ImmutableArray<Digest> OtherDigests { get; init; } = [];
}

/// <summary>One machine of one distro that a spec is built for.</summary>
/// <param name="Dist">What <c>%{?dist}</c> is there, or null.</param>
/// <param name="Wheels">What a wheel finds there.</param>
public sealed record SpecMachine(string? Dist, WheelTarget Wheels);

/// <summary>One package that a spec follows.</summary>
/// <param name="Old">All versions of the old lock; empty when there was none.</param>
/// <param name="New">The version that counts now.</param>
public sealed record FollowedPackage(ImmutableArray<LockedPackage> Old, LockedPackage New)
{
    /// <summary>The normalised name.</summary>
    public string Name => New.Name;

    /// <summary>A file of the lock as it is now, or null.</summary>
    internal LockedFile? NewFile(string name) => New.Files.FirstOrDefault(file => string.Equals(file.Name, name, StringComparison.Ordinal));

    /// <summary>A file of the old lock, or null.</summary>
    internal LockedFile? OldFile(string name) =>
        Old.SelectMany(package => package.Files).FirstOrDefault(file => string.Equals(file.Name, name, StringComparison.Ordinal));
}

/// <summary>Whom a changelog entry names.</summary>
/// <param name="Name">Person.</param>
/// <param name="Mail">Address.</param>
/// <param name="Date">The day of the entry, in UTC.</param>
public sealed record SpecAuthor(string Name, string Mail, DateOnly Date)
{
    /// <summary>For finding out whether an entry is missing; nothing with it is ever written.</summary>
    public static SpecAuthor Nobody { get; } = new("x", "x", DateOnly.MinValue);

    /// <summary>Reads <c>Name &lt;mail&gt;</c>; null when it is something else.</summary>
    public static SpecAuthor? TryParse(string packager, DateOnly date)
    {
        ArgumentNullException.ThrowIfNull(packager);
        var open = packager.IndexOf('<', StringComparison.Ordinal);
        var (name, mail) = open < 0 ? ("", "") : (packager[..open].Trim(), packager[(open + 1)..].TrimEnd());
        var isFine = name.Length > 0 && mail.Length > 1 && mail[^1] is '>'
            && mail[..^1].All(c => c is not ('<' or '>') && !char.IsWhiteSpace(c)) && !packager.Any(char.IsControl);
        return isFine ? new SpecAuthor(name, mail[..^1], date) : null;
    }
}
