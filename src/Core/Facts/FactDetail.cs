namespace DotnetRelease.Facts;

/// <summary>Names of details that several rooms write and <c>status</c> reads.</summary>
public static class FactDetail
{
    /// <summary>The settings' name of the repository that a package was published, promoted, withdrawn or rolled back in.</summary>
    public const string Repository = "repository";

    /// <summary>Revision of the metadata that was served afterwards.</summary>
    public const string Revision = "revision";

    /// <summary>sha256 of the <c>repomd.xml</c> that was served afterwards, in hex.</summary>
    public const string Repomd = "repomd";

    /// <summary>Name of the tag, without <c>refs/tags/</c>.</summary>
    public const string Tag = "tag";

    /// <summary>Id of the tag object.</summary>
    public const string TagObject = "tag-object";

    /// <summary>Id of the commit that was built.</summary>
    public const string Commit = "commit";

    /// <summary>Fault id of a refusal or failure.</summary>
    public const string Id = "id";

    /// <summary>Why, in the words of the message.</summary>
    public const string Why = "why";

    /// <summary>Name of a file that is an asset of a release.</summary>
    public const string Asset = "asset";
}
