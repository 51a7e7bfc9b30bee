namespace DotnetRelease.Tags;

/// <summary>Who signed a tag: the arithmetic is right, and the key is on the list. What it may release is another question.</summary>
/// <param name="Maintainer">The entry of the list.</param>
/// <param name="SigningKey">The key that signed: the one of the entry, or a subkey of it.</param>
/// <param name="Made">When. OpenPGP signs its own time; for ssh it is the time in the tag. Both are what the signer's clock said.</param>
public sealed record TagSigner(Maintainer Maintainer, string SigningKey, DateTimeOffset Made)
{
    /// <summary>For messages.</summary>
    public override string ToString() =>
        string.Equals(SigningKey, Maintainer.Key.Id, StringComparison.Ordinal) ? $"{Maintainer}" : $"{Maintainer} with the subkey {SigningKey}";
}
