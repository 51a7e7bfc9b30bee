using DotnetRelease.Fixtures;

namespace DotnetRelease.Tests;

/// <summary>Part of every test assembly: removes what its tests shared.</summary>
[TestClass]
public static class AssemblyEnd
{
    [AssemblyCleanup]
    public static void RemoveShared() => Leftovers.Remove();
}
