using System.Text.Json;
using DotnetRelease.Planning;

namespace DotnetRelease.Building;

/// <summary>One thing that went into a build, as in-toto's resource descriptor (v1) has it: a name, and a digest or a URI.</summary>
/// <param name="Role">What it was for: <c>image</c>, <c>spec</c>, <c>lockfile</c>, <c>source</c> or <c>build-root</c>.</param>
/// <param name="Name">What the build calls it.</param>
internal sealed record ProvenanceMaterial(string Role, string Name)
{
    /// <summary>Where it is, or how the world names it.</summary>
    public string? Uri { get; init; }

    /// <summary>Of its bytes.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Of the header of an installed package, whose file nobody has any more.</summary>
    public Digest? Header { get; init; }

    /// <summary>The locked package that it is a file of.</summary>
    public LockEntry? Lock { get; init; }

    /// <summary>What made it of what <see cref="Uri"/> names; null when it is that itself.</summary>
    public SdistRecipe? Sdist { get; init; }

    /// <summary>Everything that went into a build, in an order that does not depend on the machine.</summary>
    public static IEnumerable<ProvenanceMaterial> Of(BuildMaterials materials)
    {
        var job = materials.Job;
        yield return new("image", job.Target.Image) { Digest = job.Image.Digest };
        yield return new("spec", job.Rpm.Spec) { Digest = materials.Spec };
        foreach (var entry in materials.Locks.Where(entry => entry.LockfileDigest is not null))
        {
            yield return new("lockfile", entry.Lockfile) { Digest = entry.LockfileDigest };
        }

        foreach (var source in job.Rpm.Sources)
        {
            yield return new("source", source.File) { Uri = source.Url ?? source.Lock?.Url, Digest = source.Digest, Lock = source.Lock, Sdist = source.Sdist };
        }

        foreach (var package in materials.Root.All)
        {
            yield return new("build-root", package.ToString()) { Uri = PackageUrl.Of(package.Nevra), Header = package.Header };
        }
    }

    /// <summary>Writes its object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        if (Uri is not null)
        {
            json.WriteString("uri", Uri);
        }

        if ((Digest ?? Header) is { } digest)
        {
            json.WriteStartObject("digest");
            json.WriteString(Digest is null ? Provenance.HeaderAlgorithm : digest.Algorithm, digest.Hex);
            json.WriteEndObject();
        }

        WriteAnnotations(json);
        json.WriteEndObject();
    }

    private void WriteAnnotations(Utf8JsonWriter json)
    {
        json.WriteStartObject("annotations");
        json.WriteString("role", Role);
        if (Lock is { } entry)
        {
            json.WriteString("package", entry.Url);
            json.WriteString("lockfile", entry.Lockfile);
        }

        if (Sdist is { } sdist)
        {
            json.WriteStartObject("sdist");
            PlanJson.WriteValues(json, sdist);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
