using DotnetRelease.Containers;
using DotnetRelease.Images;

namespace DotnetRelease.Runs;

/// <summary>How something is built for a machine: here as it is, by an engine elsewhere, under qemu-user, or not at all.</summary>
/// <param name="Name"><c>native</c>, <c>engine-host</c>, <c>qemu-user</c> or <c>impossible</c>.</param>
/// <param name="Text">The same for people, as the end of a sentence.</param>
internal sealed record BuildWay(string Name, string Text)
{
    internal const string Native = "native", EngineHost = "engine-host", QemuUser = "qemu-user", Impossible = "impossible";

    /// <summary>What to do where there is no way; else empty.</summary>
    public string Fix { get; private init; } = "";

    /// <summary>Decides it from what this machine has.</summary>
    /// <param name="arch">As rpm calls it.</param>
    /// <param name="engine">What the target is built with.</param>
    public static BuildWay Of(string arch, EngineChoice engine) => Of(arch, engine, BinfmtEntry.Find, Distribution.OfThisMachine());

    /// <summary>The same from what somebody says that a machine has.</summary>
    internal static BuildWay Of(string arch, EngineChoice engine, Func<string, BinfmtEntry?> find, Distribution distribution)
    {
        var platform = Platform.OfRpm(arch);
        if (engine.Host is { } host)
        {
            return new(EngineHost, $"by the engine at {host}");
        }

        if (platform == Platform.Current)
        {
            return new(Native, "on this machine");
        }

        const string elsewhere = "or name a machine of that architecture: engine-host = \"ssh://USER@HOST\"";
        if (engine.Kind is not EngineKind.Embedded)
        {
            return No($"{engine} on this machine builds for {Platform.Current}", $"Take --engine embedded with qemu-user, {elsewhere}.");
        }

        var machine = MachineOf(platform);
        var install = distribution.InstallLine(ProgramPackage.QemuUser);
        return find(machine) switch
        {
            { IsEnabled: true, IsOpen: true } entry => new(QemuUser, $"emulated by {entry.Interpreter}, many times slower"),
            { IsEnabled: true } entry => No($"{entry.Interpreter} is registered without the flag F, so that no container finds it", $"Install one that is: {install} {elsewhere}."),
            { } => No($"qemu-{machine} is registered and switched off", $"Run: echo 1 | sudo tee /proc/sys/fs/binfmt_misc/qemu-{machine}   {elsewhere}."),
            null => No($"this machine is {Platform.Current} and has no qemu-{machine} registered", $"Run: {install}   {elsewhere}."),
        };
    }

    /// <summary>Refuses what cannot be built here, before anything is downloaded for it.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.BuildArchForeign"/>.</exception>
    public void Refuse(string target, string arch)
    {
        if (Name is Impossible)
        {
            throw new ReleaseException(Fault.BuildArchForeign, $"{target} is to be built for {arch}, and {Text}.") { Remedy = Fix };
        }
    }

    private static BuildWay No(string why, string fix) => new(Impossible, why) { Fix = fix };

    private static string MachineOf(Platform platform) => platform.Architecture switch
    {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i386",
        var same => same,
    };
}
