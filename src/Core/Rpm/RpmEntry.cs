using System.Runtime.InteropServices;

namespace DotnetRelease.Rpm;

/// <summary>How a header stores a value; the numbers are the format's.</summary>
public enum RpmType
{
#pragma warning disable CS1591, CA1720 // rpm's own names.
    Null = 0,
    Char = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    String = 6,
    Binary = 7,
    StringArray = 8,
    I18nString = 9,
#pragma warning restore CS1591, CA1720
}

/// <summary>One line of a header's index, checked: its data lies inside the header and overlaps no other.</summary>
/// <param name="Tag">What it is; see <see cref="RpmTag"/>.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Count">How many values.</param>
/// <param name="Start">Where its data starts, counted from the start of the header's bytes.</param>
/// <param name="Length">How many bytes its data has.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RpmEntry(int Tag, RpmType Type, int Count, int Start, int Length);
