using System.Collections.Immutable;

namespace DotnetRelease.Rpm;

/// <summary>A small package without scripts, to be written by <see cref="RpmWriter"/>: everything in it is decided, so equal drafts give equal bytes.</summary>
/// <param name="Nevra">What it is; only <c>noarch</c> is written.</param>
/// <param name="Summary">One line.</param>
/// <param name="License">As SPDX names it.</param>
/// <param name="Made">Build time and time of every file; whole seconds.</param>
public sealed record RpmDraft(Nevra Nevra, string Summary, string License, DateTimeOffset Made)
{
    /// <summary>Several lines; the summary when not said.</summary>
    public string Description { get; init; } = Summary;

    /// <summary>Whose package it is; left out when null.</summary>
    public string? Vendor { get; init; }

    /// <summary>The upstream page; left out when null.</summary>
    public string? Url { get; init; }

    /// <summary>The files; their folders are those that every system has.</summary>
    public ImmutableArray<RpmDraftFile> Files { get; init; } = [];

    /// <summary>Names that it provides besides its own.</summary>
    public ImmutableArray<string> Provides { get; init; } = [];

    /// <summary>What it requires besides what a reader of the file has to know.</summary>
    public ImmutableArray<RpmDependency> Requires { get; init; } = [];

    /// <summary>Package format: 4, or 6 as rpm 6 writes it.</summary>
    public int Format { get; init; } = 4;
}

/// <summary>A plain file of root's that everybody may read.</summary>
/// <param name="Path">Where it is installed, absolute.</param>
/// <param name="Content">What is in it.</param>
/// <param name="IsConfig">Whether a change that the administrator made to it outlives an update.</param>
public sealed record RpmDraftFile(string Path, ReadOnlyMemory<byte> Content, bool IsConfig = false);
