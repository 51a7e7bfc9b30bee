namespace DotnetRelease.Tool.Reporting;

/// <summary>How much a user wants to read.</summary>
internal enum Verbosity
{
    Quiet,
    Normal,
    Verbose,
}
