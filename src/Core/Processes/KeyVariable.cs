using System.Text;

namespace DotnetRelease.Processes;

/// <summary>
/// The variable for platforms that hand over secrets in no other way. It is taken out of the environment at the first look, so that
/// no program started afterwards finds it there. Its name does not begin with <c>DOTNET_</c>: MSBuild writes such variables into its log.
/// </summary>
public static class KeyVariable
{
    /// <summary>Its name; it holds an armored secret key.</summary>
    public const string Name = "RELEASE_SIGNING_KEY";

    private static byte[]? _held;

    /// <summary>Takes the variable out of the environment and keeps its value for <see cref="Take"/>.</summary>
    public static void Hide()
    {
        if (Environment.GetEnvironmentVariable(Name) is not { Length: > 0 } value)
        {
            return;
        }

        _held = Encoding.ASCII.GetBytes(value);
        Environment.SetEnvironmentVariable(Name, null);
    }

    /// <summary>The value, once; null without one.</summary>
    internal static byte[]? Take()
    {
        Hide();
        return Interlocked.Exchange(ref _held, null);
    }
}
