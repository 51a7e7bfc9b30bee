namespace DotnetRelease.Containers;

/// <summary>What a sandbox can reach.</summary>
public enum Network
{
    /// <summary>Nothing: a network namespace with a loopback interface of its own.</summary>
    None,

    /// <summary>What this machine can reach, including its own loopback; for installing packages.</summary>
    Host,
}
