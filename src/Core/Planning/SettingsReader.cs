using System.Collections.Immutable;
using DotnetRelease.Lockfiles;
using DotnetRelease.Toml;

namespace DotnetRelease.Planning;

/// <summary>From the document to <see cref="Settings"/>: one method per table, then what one table says about another.</summary>
internal static class SettingsReader
{
    public static Settings Read(TomlTable root, string path)
    {
        SettingsKeys.RefuseUnknown(root, SettingsKeys.Root);
        var project = ReadProject(root.Table("project"));
        var targets = Named(root, "target", ReadTarget);
        var settings = new Settings(path, project)
        {
            Targets = targets,
            Rpms = ReadRpms(root, project, targets),
            Sources = ReadSources(root.OptionalTable("sources")),
            Engine = ReadEngine(root.OptionalTable("build")),
            Jobs = root.OptionalTable("build")?.Find("jobs") is { } jobs ? SettingsValues.Count(jobs.Value, 1, 256) : null,
            Compression = SettingsValues.Compression(root.OptionalTable("build")?.Find("compression")?.Value),
            Registries = [.. (root.OptionalTable("registry")?.Entries ?? []).Select(ReadRegistry)],
            Signing = ReadSigning(root.OptionalTable("signing")),
            Repositories = Named(root, "repository", ReadRepository),
            GitHub = ReadGitHub(root.OptionalTable("github")),
            Qa = ReadQa(root.OptionalTable("qa")),
            Limits = ReadLimits(root.OptionalTable("limits")),
            Accepted = AcceptanceReader.Read(root),
        };
        RefuseWrongPromotion(root, settings);
        return settings;
    }

    private static string? ReadEngine(TomlTable? table)
    {
        if (table is null)
        {
            return null;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.Build);
        return table.Find("engine") is { } engine ? Reference(engine.Value, ["embedded", "podman", "docker"], "container engine") : null;
    }

    private static ProjectSettings ReadProject(TomlTable table)
    {
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Project);
        var pattern = table.Find("tag-pattern")?.Value;
        if (pattern is not null && !SettingsValues.Pattern(pattern, "{version}", "{name}").Contains("{version}", StringComparison.Ordinal))
        {
            throw pattern.Invalid("must have '{version}' in it.");
        }

        return new ProjectSettings(SettingsValues.Name(table.Value("name")))
        {
            GitHub = table.Find("github") is { } slug ? SettingsValues.Slug(slug.Value) : null,
            Lockfiles = SettingsValues.Distinct(table, "lockfiles", SettingsValues.LocalPath),
            TagPattern = pattern?.AsText() ?? "v{version}",
            VersionFiles = SettingsValues.Distinct(table, "version-files", SettingsValues.LocalPath),
            Cooldown = table.Find("cooldown") is { } days ? SettingsValues.Days(days.Value) : null,
        };
    }

    private static ImmutableArray<RpmSettings> ReadRpms(TomlTable root, ProjectSettings project, ImmutableArray<TargetSettings> targets)
    {
        var rpms = ImmutableArray.CreateBuilder<RpmSettings>();
        foreach (var table in root.Tables("rpm"))
        {
            var rpm = ReadRpm(table, project, targets);
            if (rpms.FirstOrDefault(other => other.Name == rpm.Name) is { } first)
            {
                throw table.Value("name").Invalid($"names '{rpm.Name}' a second time; the first is at {first.Position}.");
            }

            rpms.Add(rpm);
        }

        return rpms.ToImmutable();
    }

    private static RpmSettings ReadRpm(TomlTable table, ProjectSettings project, ImmutableArray<TargetSettings> targets)
    {
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Rpm);
        var name = SettingsValues.Name(table.Value("name"));
        var spec = table.Find("spec") is { } path ? SettingsValues.LocalPath(path.Value) : $"rpm-specs/{name}/{name}.spec";
        var known = targets.Select(target => target.Name).ToList();
        var chosen = SettingsValues.Distinct(table, "targets", value => Reference(value, known, "target"));
        if (chosen.IsEmpty && table.Find("targets") is { } empty)
        {
            throw empty.Value.Invalid("names no target; leave the key out for all targets.");
        }

        var follows = ReadFollows(table, project);
        return new RpmSettings(name, spec, chosen.IsEmpty ? [.. known] : chosen, table.Position)
        {
            Follows = follows,
            VersionOf = ReadVersionOf(table, follows),
            VersionSelect = ReadVersionSelect(table),
            Sources = SourceRuleReader.Read(table, known),
            Smoke = table.OptionalArray("smoke") is { } smoke ? [.. smoke.Items.Select(SettingsValues.Filled)] : null,
        };
    }

    private static ImmutableArray<string> ReadFollows(TomlTable table, ProjectSettings project)
    {
        var follows = SettingsValues.Distinct(table, "follows", value => PythonName.Normalize(SettingsValues.PackageName(value)));
        return follows.IsEmpty || !project.Lockfiles.IsEmpty
            ? follows
            : throw table.Value("follows").Invalid("names locked packages, and 'project.lockfiles' names no lockfile.");
    }

    private static string? ReadVersionOf(TomlTable table, ImmutableArray<string> follows)
    {
        if (table.Find("version-of") is { } entry)
        {
            return Reference(entry.Value, follows, "followed package", PythonName.Normalize(entry.Value.AsText()));
        }

        // One followed package needs no second mention.
        return follows.Length > 1
            ? throw table.Invalid($"follows {follows.Length} packages: 'version-of' has to say whose version the RPM gets.")
            : follows.FirstOrDefault();
    }

    private static VersionSelect? ReadVersionSelect(TomlTable table) => table.Find("version-select")?.Value switch
    {
        null => null,
        var value => value.AsText() switch
        {
            "highest" => VersionSelect.Highest,
            "lowest" => VersionSelect.Lowest,
            var other => throw value.Invalid($"must be 'highest' or 'lowest', found '{TomlPath.Escape(other)}'."),
        },
    };

    private static TargetSettings ReadTarget(TomlEntry entry)
    {
        var table = entry.Value.AsTable();
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Target);
        var archs = SettingsValues.Distinct(table, "arch", SettingsValues.Arch);
        if (archs.IsEmpty && table.Find("arch") is { } empty)
        {
            throw empty.Value.Invalid("names no machine.");
        }

        var image = table.Value("image");
        return new TargetSettings(entry.Key, SettingsValues.Image(image), image.Position)
        {
            Archs = archs.IsEmpty ? ["x86_64"] : archs,
            Eol = table.OptionalDate("eol"),
            Dist = table.Find("dist") is { } dist ? SettingsValues.Dist(dist.Value) : null,
            Glibc = table.Find("glibc") is { } glibc ? SettingsValues.TwoNumbers(glibc.Value, "2.42") : null,
            Python = table.Find("python") is { } python ? SettingsValues.TwoNumbers(python.Value, "3.14") : null,
            EngineHost = table.Find("engine-host") is { } host ? SettingsValues.EngineHost(host.Value) : null,
            Prepare = [.. (table.OptionalArray("prepare")?.Items ?? []).Select(SettingsValues.Filled)],
        };
    }

    private static RegistrySettings ReadRegistry(TomlEntry entry)
    {
        if (!SettingsValues.IsHost(entry.Key))
        {
            throw new ReleaseException(
                Fault.SettingsInvalid, $"'registry' has the key '{TomlPath.Escape(entry.Key)}', which is no host name; write [registry.\"registry.example.org\"].", entry.Position);
        }

        var table = entry.Value.AsTable();
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Registry);
        return new RegistrySettings(entry.Key)
        {
            Mirrors = SettingsValues.Distinct(table, "mirrors", SettingsValues.Mirror),
            TokenServers = SettingsValues.Distinct(table, "token-servers", SettingsValues.Host),
        };
    }

    private static SourceSettings ReadSources(TomlTable? table)
    {
        if (table is null)
        {
            return SourceSettings.Default;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.Sources);
        var index = table.Find("index") is { } url ? SettingsValues.Url(url.Value, "https", "http", "file") : null;
        var hosts = SettingsValues.Distinct(table, "allow-hosts", SettingsValues.Host);
        var sources = index is null
            ? SourceSettings.Default with { AllowHosts = table.Find("allow-hosts") is null ? SourceSettings.Default.AllowHosts : hosts }
            : new SourceSettings(index, hosts);
        return sources with { Mirrors = [.. (table.OptionalTable("mirrors")?.Entries ?? []).Select(entry => ReadMirrors(table.Table("mirrors"), entry))] };
    }

    private static KeyValuePair<string, ImmutableArray<string>> ReadMirrors(TomlTable table, TomlEntry entry)
    {
        if (!SettingsValues.IsWebFolder(entry.Key))
        {
            throw new ReleaseException(
                Fault.SettingsInvalid,
                $"'sources.mirrors' has the key '{TomlPath.Escape(entry.Key)}', which is no https URL without user, query and fragment.",
                entry.Position)
            {
                Remedy = "Write for example: \"https://files.pythonhosted.org/\" = [\"https://mirror.example.org/pypi-files/\"]",
            };
        }

        return new(entry.Key, SettingsValues.Distinct(table, entry.Key, SettingsValues.WebFolder));
    }

    private static SigningSettings? ReadSigning(TomlTable? table)
    {
        if (table is null)
        {
            return null;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.Signing);
        var signing = new SigningSettings(SettingsValues.Fingerprint(table.Value("key")))
        {
            NextKey = table.Find("next-key") is { } next ? SettingsValues.WholeKey(next.Value) : null,
            PreviousKeys = [.. (table.OptionalArray("previous-keys")?.Items ?? []).Select(SettingsValues.WholeKey)],
        };
        var known = signing.Companions.Prepend(signing.Key.TrimEnd('!')).GroupBy(key => key, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
        return known is null ? signing : throw table.Value("key").Invalid($"and the other keys have to differ, and {known.Key} is there twice.");
    }

    private static RepositorySettings ReadRepository(TomlEntry entry)
    {
        var table = entry.Value.AsTable();
        SettingsKeys.RefuseUnknown(table, SettingsKeys.Repository);
        var url = table.Value("url");
        var layout = table.Find("layout")?.Value;
        if (layout is not null)
        {
            // The placeholders stand for names, so only the rest has to be safe.
            _ = SettingsValues.Pattern(layout, "{project}", "{target}", "{arch}");
            _ = SettingsValues.LocalPath(layout);
        }

        return new RepositorySettings(entry.Key, SettingsValues.Url(url, "file", "ssh", "s3", "git+https", "git+ssh", "git+file"), url.Position)
        {
            Layout = layout is null ? "{project}/{target}" : SettingsValues.LocalPath(layout),
            BaseUrl = table.Find("base-url") is { } client ? SettingsValues.Url(client.Value, "https", "http", "file").Text : null,
            PromoteFrom = table.Find("promote-from") is { } from ? SettingsValues.Name(from.Value) : null,
            Compression = table.Find("compression") is { } compression ? Reference(compression.Value, ["gzip", "zstd"], "compression") : "gzip",
            Updateinfo = table.OptionalBoolean("updateinfo"),
            KeyUrls = [.. SettingsValues.Distinct(table, "key-urls", value => SettingsValues.Url(value, "https", "http").Text).Select(text => new Uri(text))],
            FreezeDays = table.Find("freeze-days") is { } days ? SettingsValues.Days(days.Value) : 90,
        };
    }

    private static GitHubSettings ReadGitHub(TomlTable? table)
    {
        if (table is null)
        {
            return GitHubSettings.Default;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.GitHub);
        return new GitHubSettings(table.OptionalBoolean("draft") ?? true, SettingsValues.Distinct(table, "assets", SettingsValues.LocalPath))
        {
            TokenFile = table.Find("token-file") is { } token ? SettingsValues.Filled(token.Value) : null,
            Notes = table.Find("notes") is { } notes ? SettingsValues.LocalPath(notes.Value) : null,
        };
    }

    private static QaSettings? ReadQa(TomlTable? table)
    {
        if (table is null)
        {
            return null;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.Qa);
        var statement = table.Value("statement");
        return SettingsValues.Pattern(statement, "{version}").Contains("{version}", StringComparison.Ordinal)
            ? new QaSettings(SettingsValues.LocalPath(statement))
            : throw statement.Invalid("must have '{version}' in it.");
    }

    private static Limits ReadLimits(TomlTable? table)
    {
        if (table is null)
        {
            return Settings.DefaultLimits;
        }

        SettingsKeys.RefuseUnknown(table, SettingsKeys.Limits);
        return new Limits
        {
            Memory = table.Find("memory") is { } memory ? SettingsValues.Memory(memory.Value) : null,
            Processes = table.Find("pids") is { } pids ? SettingsValues.Count(pids.Value, 16, 1_000_000) : null,
            Processors = table.Find("cpus") is { } cpus ? SettingsValues.Count(cpus.Value, 1, 4096) : null,
            Time = table.Find("time") is { } time ? SettingsValues.Time(time.Value) : Settings.DefaultLimits.Time,
        };
    }

    /// <summary>The sub-tables of <c>[key.NAME]</c>.</summary>
    private static ImmutableArray<T> Named<T>(TomlTable root, string key, Func<TomlEntry, T> read)
    {
        var entries = root.OptionalTable(key)?.Entries ?? [];
        foreach (var entry in entries)
        {
            if (SettingsValues.RefuseName(entry.Key) is { } why)
            {
                throw new ReleaseException(Fault.SettingsInvalid, $"The name of a {key} {why}", entry.Position);
            }
        }

        return [.. entries.Select(read)];
    }

    /// <summary>The name of something that is there.</summary>
    internal static string Reference(TomlValue value, IReadOnlyCollection<string> known, string what, string? text = null)
    {
        text ??= value.AsText();
        if (known.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        var meant = Suggestion.For(text, known) is { } word ? $" Did you mean '{word}'?" : "";
        var there = known.Count is 0 ? $"; there is no {what}." : $"; there are: {string.Join(", ", known)}.";
        throw value.Invalid($"names '{TomlPath.Escape(text)}', which is no {what}{there}{meant}");
    }

    private static void RefuseWrongPromotion(TomlTable root, Settings settings)
    {
        var names = settings.Repositories.Select(repository => repository.Name).ToList();
        foreach (var repository in settings.Repositories.Where(repository => repository.PromoteFrom is not null))
        {
            var value = root.Table("repository").Table(repository.Name).Value("promote-from");
            _ = Reference(value, names, "repository");
            var seen = new HashSet<string>(StringComparer.Ordinal) { repository.Name };
            for (var from = repository.PromoteFrom; from is not null; from = settings.FindRepository(from)?.PromoteFrom)
            {
                if (!seen.Add(from))
                {
                    throw value.Invalid($"goes round in a circle: {string.Join(" <- ", seen)} <- {from}.");
                }
            }
        }
    }
}
