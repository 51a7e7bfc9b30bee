using System.Collections.Immutable;
using System.Reflection;

namespace DotnetRelease.Building;

/// <summary>
/// What <c>%wheel_install</c> is in our builds: a small program that unpacks wheels as pip would, without starting pip, which takes longer
/// than all the rest of a small package. A spec that uses the macro brings its own fallback to pip, so that it stays buildable without us.
/// </summary>
internal static class WheelInstaller
{
    /// <summary>The macro's name.</summary>
    public const string Macro = "wheel_install";

    private const string Script = "wheel_install.py";

    /// <summary>
    /// The <c>--define</c> arguments. <c>-I -S -B</c>: nothing of the environment, no other packages, no bytecode that would be found in the build's folders.
    /// The rpm macro names the distro's own Python where it has one.
    /// </summary>
    public static readonly ImmutableArray<string> Defines =
    [
        "--define", $"{Macro} %{{?python3}}%{{!?python3:/usr/bin/python3}} -I -S -B {BuildMacros.Specs}/{Script} --root %{{buildroot}} --prefix %{{_prefix}}",
    ];

    /// <summary>Puts the program beside the spec, into a folder that builds see and cannot change.</summary>
    public static void WriteTo(string specs)
    {
        using var inside = Assembly.GetExecutingAssembly().GetManifestResourceStream(Script)!;
        using var outside = File.Create(Path.Combine(specs, Script));
        inside.CopyTo(outside);

        // Whatever our umask is: inside it is read by another user.
        File.SetUnixFileMode(outside.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
