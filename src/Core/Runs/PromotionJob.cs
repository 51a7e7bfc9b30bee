using System.Collections.Immutable;
using DotnetRelease.Facts;
using DotnetRelease.Metadata;
using DotnetRelease.Repositories;
using DotnetRelease.Rpm;

namespace DotnetRelease.Runs;

/// <summary>
/// Gives packages from one repository to another with the same bytes: only what the first serves and a client of the second would
/// accept, compared by digest before and after.
/// </summary>
internal sealed record PromotionJob(RepositoryTarget Target, Digest? Base, ImmutableArray<string> Actions) : LifeJob(Target, Base, Actions)
{
    internal required RepositoryTarget From { get; init; }

    internal required ImmutableArray<RepositoryFile> Files { get; init; }

    /// <summary>A folder for copies of packages that lie elsewhere.</summary>
    internal required string WorkFolder { get; init; }

    /// <summary>Whether the packages may go there at all.</summary>
    internal required Admission Admission { get; init; }

    /// <summary>Null when the second repository has all of them.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.PackageNotServed"/>, <see cref="Fault.PublishedOtherBytes"/>, <see cref="Fault.PublishedDowngrade"/> and those of reading.</exception>
    internal static async Task<LifeJob?> PlanAsync(RepositoryTarget from, RepositoryTarget to, PromotionChoice choice, CancellationToken ct)
    {
        await using var source = from.Place.Store.Open();
        await using var target = to.Place.Store.Open();
        var served = (await RepositoryState.ReadAsync(source, from.Place, ct)).Served ?? throw new ReleaseException(Fault.RepositoryMalformed, $"'{source.Name}' is no repository: there is nothing to promote.");
        var state = await RepositoryState.ReadAsync(target, to.Place, ct);
        var chosen = choice.Names.IsEmpty ? PackageChoice.Newest(served.Metadata.Packages) : PackageChoice.Named(served.Metadata.Packages, choice.Names, from.ToString());

        // The second repository has a package under its plain file name.
        var offered = chosen.Select(package => new OfferedPackage(source.At(package.File.Location), package with { File = package.File with { Location = package.Nevra.FileName } }, ""));
        var plan = PublishPlan.Of(state.Served?.Metadata.Packages ?? [], state.Record, [.. offered], allowDowngrade: false);

        // A run that was killed before the record left packages there of which the ledger does not know either.
        var recorded = (await state.UnrecordedAsync(target, ct)).Select(package => package.File.Digest).ToHashSet();
        return plan.Additions.IsEmpty && !state.Lags ? null : new PromotionJob(to, state.Base,
        [
            .. plan.Additions.Select(package => $"copy {package.Path} to {target.At(package.Index.File.Location)}: sha256 {package.Index.File.Digest.Hex}"),
            $"write {target.At(Repomd.Folder)}: {(state.Served?.Metadata.Packages.Length ?? 0) + plan.Additions.Length} packages on top of {(state.Served is { } before ? $"revision {before.Metadata.Repomd.Revision} (repomd sha256 {state.Base!.Value.Hex})" : "nothing")}, signed",
        ])
        {
            From = from,
            Files = [.. chosen.Select(package => package.File).Where(file => plan.Additions.Any(addition => addition.Index.File.Digest == file.Digest) || (state.Lags && !recorded.Contains(file.Digest)))],
            WorkFolder = choice.WorkFolder,
            Admission = choice.Admission,
        };
    }

    internal override async Task<LifeReceipt> RunAsync(LifeTools tools, CancellationToken ct)
    {
        await using var source = From.Place.Store.Open();
        var copies = source is FolderStore ? null : Directory.CreateDirectory(Path.Combine(WorkFolder, $"promote-{Guid.NewGuid():n}"));
        try
        {
            var packages = await AcceptAsync(source, copies, tools, ct);
            await Admission.DemandAsync(Target.Repository.Name, packages, ct);
            var receipt = await new Publisher(tools.Reporter, tools.Clock).PublishAsync(
                new PublishRequest(Target.Place, packages, tools.Key)
                {
                    Project = tools.Project,
                    Purpose = $"repo promote {From.Repository.Name} {Target.Repository.Name}",
                    Act = RecordedAct.Promoted,
                    Base = new PlannedBase(Base),
                    Facts = new PublishFacts(tools.Ledger, Target.Repository.Name, Target.Target.Name),
                    Recall = state => LedgerGap.CloseAsync(tools, Target, state),
                },
                ct);
            var promoted = new LifeReceipt(receipt.Revision, receipt.RepomdDigest)
            {
                Changed = receipt.Changed,
                Total = receipt.Total,
                Url = Target.Place.BaseUrl,
                Packages = [.. receipt.Packages.Select(package => new LifePackage(package.Nevra, package.Sha256, package.IsNew ? "promoted" : "present"))],
            };
            await tools.RememberAsync(FactKind.Promoted, Target, promoted, ct);
            return promoted;
        }
        finally
        {
            copies?.Delete(recursive: true);
        }
    }

    /// <summary>The files, checked as somebody checks who does not trust the first repository: by digest, and by the keys that clients of the second one have.</summary>
    private async Task<ImmutableArray<SignedRpm>> AcceptAsync(IRepositoryStore source, DirectoryInfo? copies, LifeTools tools, CancellationToken ct)
    {
        await using var target = Target.Place.Store.Open();
        var known = await RepositoryKeyFile.ReadAsync(target, Target.Place.KeyName, ct);
        await using var trusted = await RepositoryKeyFile.OpenAsync(known ?? tools.Key.PublicKey, ct);
        var paths = ImmutableArray.CreateBuilder<string>(Files.Length);
        foreach (var file in Files)
        {
            var path = copies is null ? source.At(file.Location) : Path.Combine(copies.FullName, Path.GetFileName(file.Location));
            if (copies is not null)
            {
                tools.Reporter.Detail($"fetch '{source.At(file.Location)}'");
                await source.FetchAsync(file, path, ct);
            }

            paths.Add(path);
        }

        var verified = await trusted.VerifyAsync(paths.MoveToImmutable(), ct);
        return [.. verified.Zip(Files, (one, file) => one.Accept() is var signed && signed.File.Sha256 == file.Digest
            ? signed
            : throw new ReleaseException(Fault.RepositoryUnverified, $"'{source.At(file.Location)}' has sha256 {signed.File.Sha256.Hex}, and the metadata promises {file.Digest.Hex}."))];
    }
}

/// <summary>What is to be promoted, and by whose rules.</summary>
/// <param name="Names">Packages; none: the newest of all.</param>
/// <param name="WorkFolder">A folder for copies.</param>
/// <param name="Admission">Whether they may go there at all.</param>
internal sealed record PromotionChoice(ImmutableArray<string> Names, string WorkFolder, Admission Admission);
