using System.Collections.Immutable;
using System.Text;
using DotnetRelease.Facts;
using DotnetRelease.Rpm;
using DotnetRelease.Storage;
using DotnetRelease.Tags;

namespace DotnetRelease.Runs.Shipping;

/// <summary>
/// The gate between testers and users: nothing is promoted before a listed maintainer has signed for exactly these bytes. A person has
/// to act here, so the release stops and says what is missing.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="plan">What was tested.</param>
/// <param name="files">Which bytes.</param>
internal sealed class ShipQa(ShipWorld world, ShipPlan plan, ShipFiles files) : ShipStep("qa")
{
    private const int SizeLimit = 1024 * 1024;

    /// <summary>Where the statement lies, relative to the project.</summary>
    private string Statement => plan.Settings.Qa!.Statement.Replace("{version}", plan.Tag.Version, StringComparison.Ordinal);

    internal override bool NeedsPerson => true;

    internal override IEnumerable<string> Actions() => [$"demand {Statement} and {Statement}.asc: these bytes, tested, signed by a maintainer"];

    internal override async Task<StepView> LookAsync(CancellationToken ct)
    {
        try
        {
            return StepView.Done(await CheckAsync(ct));
        }
        catch (ReleaseException ex)
        {
            return StepView.Open(ex.Message);
        }
    }

    /// <summary>There is nothing to do for a machine; what is missing is said, and a template is there to fill in.</summary>
    internal override async Task<ImmutableArray<Fact>> DoAsync(CancellationToken ct)
    {
        var path = world.Workspace.Resolve(Statement);
        if (!File.Exists(path))
        {
            await Durable.WriteAsync(path, Encoding.UTF8.GetBytes((await WantedAsync(ct)).ToTemplate()), ct);
        }

        await CheckAsync(ct);
        return [];
    }

    private async Task<string> CheckAsync(CancellationToken ct)
    {
        var (path, signature) = (world.Workspace.Resolve(Statement), world.Workspace.Resolve(Statement + ".asc"));
        if (!File.Exists(path))
        {
            throw Missing($"there is no {Statement}");
        }

        var statement = QaStatement.Parse(await ReadAsync(path, ct), Statement);
        if (!File.Exists(signature) || string.IsNullOrWhiteSpace(statement.Tester))
        {
            throw Missing(File.Exists(signature) ? $"{Statement} does not say who tested" : $"{Statement} is not signed yet");
        }

        await using var verifier = await RpmVerifier.OpenAsync(await CertificatesAsync(ct), ct);
        var verdict = await verifier.VerifyDetachedAsync(signature, path, ct);
        if (!verdict.IsGood)
        {
            throw new ReleaseException(Fault.QaStatementRefused, $"{Statement} {verdict.Text}. Only maintainers of the list may sign it.");
        }

        return statement.Objection(await WantedAsync(ct), DateTimeOffset.UtcNow) is { } objection
            ? throw new ReleaseException(Fault.QaStatementRefused, $"{Statement} {objection}.")
            : $"{Statement} vouches for these bytes: tested by {statement.Tester}, signed by {verdict.Signature!.PrimaryFingerprint}";
    }

    /// <summary>The keys of everybody who is on the list that let the tag through, and counts today.</summary>
    private async Task<ImmutableArray<ReadOnlyMemory<byte>>> CertificatesAsync(CancellationToken ct)
    {
        var commit = plan.Tag.MaintainersCommit!;
        var (_, list) = await new ProtectedList(world.Workspace.Folder).ReadAsync(commit, ct);
        ImmutableArray<string?> paths =
        [
            .. from maintainer in list?.Maintainers ?? []
               where maintainer.IsValidAt(DateTimeOffset.UtcNow) && maintainer.Packages.Any(pattern => pattern.Matches(plan.Settings.Project.Name))
               select maintainer.Key is OpenPgpMaintainerKey { File: var file } ? file : null,
        ];
        var read = await new TagWorld(world.Workspace.Folder).ReadFilesAsync([.. paths.OfType<string>().Distinct(StringComparer.Ordinal).Select(path => new CommittedFile(commit, path))], ct);
        return [.. read.Values];
    }

    private async Task<QaStatement> WantedAsync(CancellationToken ct) => new(plan.Tag.Name, plan.Tag.Commit ?? "")
    {
        Packages = (await files.TakeAsync(ct)).ToImmutableSortedDictionary(file => file.Label, file => file.Sha256, StringComparer.Ordinal),
    };

    private ReleaseException Missing(string what) => new(Fault.QaStatementMissing, $"{plan.Tag.Name} waits for its testers before it goes to {plan.Production?.Name}: {what}.")
    {
        Remedy = $"Test what is in {plan.Staging?.Name}, fill in {Statement}, sign it (gpg --armor --detach-sign {Statement}), then: dotnet release ship --resume",
    };

    private static async Task<byte[]> ReadAsync(string path, CancellationToken ct) => new FileInfo(path).Length <= SizeLimit
        ? await File.ReadAllBytesAsync(path, ct)
        : throw new ReleaseException(Fault.InputTooLarge, $"A QA statement has at most {SizeLimit} bytes.", new(path));
}
