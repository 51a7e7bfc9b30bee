using System.Runtime.InteropServices;

namespace DotnetRelease.Containers;

/// <summary>Where the holder and the runtime that runs it are. Both come with us: the holder lies beside this assembly.</summary>
/// <param name="Runtime">The folder that has the <c>dotnet</c> program.</param>
/// <param name="Assembly">The holder.</param>
internal sealed record HolderFiles(string Runtime, string Assembly)
{
    /// <summary>Tells the runtime which version it needs.</summary>
    internal string Configuration => Path.ChangeExtension(Assembly, "runtimeconfig.json");

    internal static HolderFiles Find()
    {
        // ROOT/shared/Microsoft.NETCore.App/VERSION: the runtime that runs us runs the holder.
        var runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

        // Native code was compiled ahead for the most common machine; elsewhere the same program is compiled as it runs.
        var machine = RuntimeInformation.RuntimeIdentifier is "linux-x64" ? "linux-x64" : "any";
        var ours = Path.GetDirectoryName(typeof(HolderFiles).Assembly.Location)!;
        var assembly = Path.Combine(ours, "holder", machine, "dotnet-release-holder.dll");
        return File.Exists(assembly) && File.Exists(Path.Combine(runtime, "dotnet"))
            ? new HolderFiles(runtime, assembly)
            : throw new ReleaseException(Fault.ContainerFailed, $"'{assembly}' or '{runtime}/dotnet' is missing: this installation of the tool is not complete.")
            {
                Remedy = "Install the tool again.",
            };
    }
}
