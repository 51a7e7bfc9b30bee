using System.Collections.Immutable;
using DotnetRelease.Specs;

namespace DotnetRelease.NewSpecs;

/// <summary>A spec that nobody has edited yet.</summary>
/// <param name="Text">The whole file. What wheels say about themselves stands in it as plain text: nothing of it is a macro or a tag.</param>
/// <param name="License">The value of <c>License:</c>.</param>
/// <param name="Notes">What a person should look at, one sentence each.</param>
public sealed record NewSpec(string Text, string License, ImmutableArray<string> Notes)
{
    private const int LongestSummary = 79;

    /// <summary>Writes a spec for wheels.</summary>
    public static NewSpec Write(NewSpecRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var license = SpdxLicense.Of(request.Wheels.Select(wheel => wheel.Metadata));
        var content = new SpecContent(request);
        string[][] parts =
        [
            [.. Head(request, content)],
            [.. Preamble(request, content, license), "", .. Description(request, content)],
            [.. InstallSections.Prep(request)],
            ["%build", "# A wheel is built already."],
            [.. InstallSections.Install(content)],
            [.. InstallSections.Check(content)],
            [.. InstallSections.Files(request, content)],
            [.. Changelog(request)],
        ];
        var text = string.Join("\n\n\n", parts.Where(part => part.Length > 0).Select(part => string.Join('\n', part))) + "\n";
        return new(text, license.Expression ?? SpdxLicense.Unknown, [.. ToLookAt(request, license)]);
    }

    private static IEnumerable<string> Head(NewSpecRequest request, SpecContent content)
    {
        foreach (var line in SpecText.Wrap(
            $"{SpecText.Line(string.Join(", ", request.Wheels.Select(wheel => wheel.Metadata.Name)))}, repackaged from {(request.Wheels.Length is 1 ? "its wheel" : "their wheels")}. The version, the wheels and their digests are those of the lock: "
            + "\"dotnet release spec update\" keeps them so.", "# "))
        {
            yield return line;
        }

        yield return "";
        yield return "# The installer of \"dotnet release rpm\", or else pip.";
        yield return InstallSections.Fallback;
        if (content.SharedObjects.IsEmpty)
        {
            yield break;
        }

        yield return "";
        yield return "# What is compiled in there is for these modules only: no other package is given a library out of it.";
        yield return $"%global __provides_exclude_from ^{content.CompiledSites}/.*[.]so.*$";
        if (PrivateLibraries.Requirement(content.SharedObjects) is { } required)
        {
            yield return "# These libraries find each other by themselves; what else they are linked to is the distribution's.";
            yield return $"%global __requires_exclude {required}";
        }

        yield return "# The files stay as they were made: strip damages libraries whose headers were edited for the wheel, there is no debug";
        yield return "# information, and links below /usr/lib/.build-id would meet those of others who bring the same libraries.";
        yield return "%global __strip /bin/true";
        yield return "%global debug_package %{nil}";
        yield return "%global _build_id_links none";
    }

    private static IEnumerable<string> Preamble(NewSpecRequest request, SpecContent content, SpdxLicense license)
    {
        yield return $"Name:           {request.Name}";
        yield return $"Version:        {content.RpmVersion}";
        yield return "Release:        1%{?dist}";
        yield return $"Summary:        {Summary(request)}";
        yield return "";
        foreach (var line in license.Doubt is { } doubt ? SpecText.Wrap(SpecText.Line(doubt), "# ") : [])
        {
            yield return line;
        }

        yield return $"License:        {license.Expression ?? SpdxLicense.Unknown}";
        yield return $"URL:            {Url(request.Wheels[0])}";
        foreach (var line in InstallSections.Sources(request, content))
        {
            yield return line;
        }

        yield return "";
        yield return content.IsNoarch ? "BuildArch:      noarch" : $"ExclusiveArch:  {string.Join(' ', request.Machines.Select(machine => machine.Arch))}";
        foreach (var python in content.Requirements.Python.DefaultIfEmpty(""))
        {
            yield return $"BuildRequires:  python3-devel {python}".TrimEnd();
        }

        yield return "BuildRequires:  python3-pip";
        if (!content.Requirements.Always.IsEmpty)
        {
            yield return "# For %%check, which imports the modules.";
        }

        foreach (var package in content.Requirements.Always)
        {
            yield return $"BuildRequires:  python3dist({package})";
        }

        if (!content.Requirements.Written.IsEmpty)
        {
            yield return "# rpm's generator for Python makes Requires of what the wheels say that they need:";
        }

        foreach (var requirement in content.Requirements.Written)
        {
            yield return "#   " + requirement;
        }
    }

    private static IEnumerable<string> Description(NewSpecRequest request, SpecContent content)
    {
        yield return "%description";
        foreach (var line in SpecText.Wrap(Summary(request) + "."))
        {
            yield return line;
        }

        if (!content.SharedObjects.IsEmpty)
        {
            yield return "";
            yield return "The libraries in this package are private to it.";
        }
    }

    private static IEnumerable<string> Changelog(NewSpecRequest request)
    {
        yield return "%changelog";
        yield return new ChangelogStyle(null, null).Header(request.Author, PythonVersions.ToRpm(request.Version) + "-1");
        var from = string.Join(", ", request.Wheels.Select(wheel => $"{wheel.File.Package} {wheel.Metadata.Version}"));
        foreach (var line in SpecText.Wrap($"First package, from {SpecText.Line(from)}", "  ", "- "))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> ToLookAt(NewSpecRequest request, SpdxLicense license)
    {
        if (license.Doubt is { } doubt)
        {
            yield return doubt + " Look at the licence and correct the tag.";
        }

        foreach (var wheel in request.Wheels.Skip(1).Where(wheel => wheel.Metadata.Version != request.Version))
        {
            yield return $"{wheel.Metadata.Name} has version {wheel.Metadata.Version}; Version: of the spec is that of {request.Wheels[0].Metadata.Name}.";
        }
    }

    // One line without a full stop that begins with a capital, as reviewers of distributions want it.
    private static string Summary(NewSpecRequest request)
    {
        var text = (request.Wheels[0].Metadata.Summary?.Split('\n')[0] ?? "").Trim().TrimEnd('.');
        if (text.Length is 0)
        {
            text = $"Python package {request.Wheels[0].Metadata.Name}";
        }

        if (text.Length > LongestSummary)
        {
            text = text[..LongestSummary];
            text = text[..(text.LastIndexOf(' ') is > 0 and var space ? space : text.Length)].TrimEnd(' ', ',', ';', ':', '.');
        }

        return SpecText.Line(char.ToUpperInvariant(text[0]) + text[1..]);
    }

    private static string Url(SpecWheel wheel) =>
        wheel.Metadata.HomePage is { } text && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && text.All(c => c is > ' ' and < (char)127)
            ? SpecText.Line(text)
            : $"https://pypi.org/project/{wheel.File.Package}/";
}
