using System.Collections.Immutable;
using DotnetRelease.GitHub;
using DotnetRelease.Processes;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;

namespace DotnetRelease.Runs;

/// <summary>
/// A release on GitHub, step by step: plan and seal without a network, then a <see cref="GitHubSession"/> that makes the draft, fills it,
/// publishes it and verifies it. Each step can be done again after a kill at any moment.
/// </summary>
/// <param name="workspace">The project.</param>
/// <param name="context">Clock, limits, and who hears what happens.</param>
public sealed class GitHubRun(Workspace workspace, GitHubContext context)
{
    /// <summary>The keyring with the secret key.</summary>
    public Gpg Gpg { get; init; } = new();

    private GitHubSettingsOf Own => new(workspace);

    /// <summary>The project's repository, at the API that <c>GITHUB_API_URL</c> names.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.GitHubUnnamed"/> or <see cref="Fault.Usage"/>.</exception>
    public GitHubPlace Place() => GitHubPlace.Of(
        workspace.Settings.Project.GitHub ?? Environment.GetEnvironmentVariable("GITHUB_REPOSITORY") ?? throw new ReleaseException(Fault.GitHubUnnamed, "The settings do not say which repository is meant."),
        Environment.GetEnvironmentVariable("GITHUB_API_URL"));

    /// <summary>Where a token is looked for.</summary>
    public TokenSearch Tokens(GitHubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new TokenSearch(Place().WebHost) { NamedFile = options.TokenFile, SettingsFile = Own.TokenFile };
    }

    /// <summary>Finds tag, commit and files; checks and hashes the files. Nothing is written, and no network is needed.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="token">Must be in no file; null in a dry run, which has none.</param>
    /// <param name="ct">Ends reading.</param>
    /// <exception cref="ReleaseException">
    /// <see cref="Fault.TagUnnamed"/>, <see cref="Fault.AssetNotFound"/>, <see cref="Fault.AssetNameRefused"/>, <see cref="Fault.AssetTooLarge"/>,
    /// <see cref="Fault.AssetReveals"/>.
    /// </exception>
    public async Task<GitHubPlan> PlanAsync(GitHubOptions options, GitHubToken? token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var place = Place();
        var tag = await ReleaseTag.FindAsync(workspace, options.Tag, ct);
        return new GitHubPlan(place, tag, await ReadFilesAsync(options, token, ct)) { Options = options };
    }

    /// <summary>The files alone, for who only adds some to a release that is there.</summary>
    /// <inheritdoc cref="PlanAsync"/>
    public Task<ImmutableArray<AssetFile>> ReadFilesAsync(GitHubOptions options, GitHubToken? token, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        string?[] tokenFiles = [options.TokenFile, Own.TokenFile];
        return new GitHubAssets(workspace).ReadAsync(options.Files, token, [.. tokenFiles.OfType<string>()], ct);
    }

    /// <summary>Writes the checksums, signs them, and checks the signature. What is there and still right stays byte-identical.</summary>
    /// <exception cref="ReleaseException">What signing says; <see cref="Fault.WriteFailed"/>.</exception>
    public async Task<SealedRelease> SealAsync(GitHubPlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var bytes = plan.Checksums.ToBytes();
        var path = workspace.Resolve(GitHubAssets.ChecksumsPath);
        await Durable.WriteAsync(path, bytes, ct);
        var checksums = await AssetFile.OfAsync(path, _ => Task.FromResult(Digest.Of(bytes)));
        if (workspace.Settings.Signing is not { } signing)
        {
            context.Reporter.Warning($"{Checksums.FileName} is not signed, because the settings have no signing.key: nobody can verify this release.");
            return new SealedRelease(plan, checksums, null);
        }

        // A signature that is there and good needs the public key only: whoever has the token need not have the key.
        var certificate = await Gpg.ExportAsync(signing.Key.TrimEnd('!'), armor: false, ct);
        if (await KeepAsync(path + ".asc", bytes, certificate, ct) is { } kept)
        {
            return new SealedRelease(plan, checksums, kept);
        }

        var key = await SigningKey.FindAsync(Gpg, signing.Key, ct);
        FailPoint.At("github.sign");
        var signature = await ChecksumSignature.MakeAsync(bytes, Gpg, key.Selector, ct);
        return new SealedRelease(plan, checksums, await GitHubSignature.WriteAsync(path + ".asc", signature, (bytes, certificate), ct));
    }

    /// <summary>Opens the way to GitHub. The repository is looked at, so that a wrong name or a token without rights shows before anything is sent.</summary>
    /// <param name="token">Null: as a stranger.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task<GitHubSession> ConnectAsync(GitHubToken? token, CancellationToken ct)
    {
        var session = new GitHubSession(Place(), token, context);
        try
        {
            await session.LookAsync(ct);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Verifies a release as a stranger, or where strangers see nothing with a token.</summary>
    /// <returns>The findings, and whether they are a stranger's.</returns>
    public async Task<(ReleaseReport Report, bool IsStranger)> VerifyAsync(string tag, ReadOnlyMemory<byte> certificate, GitHubOptions options, CancellationToken ct)
    {
        try
        {
            using var stranger = await ConnectAsync(null, ct);
            return (await stranger.VerifyAsync(tag, certificate, ct), true);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.GitHubNotFound)
        {
            if (await Tokens(options).FindAsync(ct) is not { } token)
            {
                throw;
            }

            context.Reporter.Warning($"Strangers cannot see a release of {tag}: looking with the token from {token}.");
            using var session = await ConnectAsync(token, ct);
            return (await session.VerifyAsync(tag, certificate, ct), false);
        }
    }

    /// <summary>The exact actions of an upload, without looking at GitHub.</summary>
    public ImmutableArray<string> Preview(GitHubPlan plan, bool publish)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var root = $"{plan.Place.Api}repos/{plan.Place.Repository}/releases";
        var key = workspace.Settings.Signing?.Key;
        return
        [
            $"write {workspace.Resolve(GitHubAssets.ChecksumsPath)} with {plan.Files.Length} digests",
            .. key is null ? (string[])[] : [$"sign it with {key}, detached, and check the signature"],
            $"GET {root} (all pages) for a release of {plan.Tag.Name}",
            $"POST {root} a draft for {plan.Tag.Name} of commit {plan.Tag.Commit}, when there is none",
            .. plan.Files.Select(file => $"upload {file.Name} {file.Size} bytes {file.Digest}, when it is missing"),
            $"upload {Checksums.FileName}{(key is null ? "" : $" and {Checksums.SignatureName}")}",
            "compare name, size and digest of every asset by GitHub's list",
            .. publish ? (string[])[$"compare tag {plan.Tag.Name} on GitHub with {plan.Tag.Commit}", "PATCH the draft: publish", "download everything without a token and compare with the checksums"] : [],
        ];
    }

    private static async Task<SealedSignature?> KeepAsync(string path, byte[] checksums, ReadOnlyMemory<byte> certificate, CancellationToken ct)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > ChecksumSignature.SizeLimit)
        {
            return null;
        }

        try
        {
            return await GitHubSignature.CheckAsync(path, await File.ReadAllBytesAsync(path, ct), (checksums, certificate), ct);
        }
        catch (ReleaseException ex) when (ex.Fault == Fault.ReleaseUnverified)
        {
            // Of older checksums, or by an older key.
            return null;
        }
    }
}
