namespace DotnetRelease;

/// <summary>
/// One expected way to fail. The thousands digit names the stage: 0 settings and usage, 1 lockfiles and plan, 2 sources and
/// images, 3 containers and build, 4 RPM and signing, 5 repository, 6 GitHub, 7 tags, 8 environments and QA, 9 ledger and runs.
/// A number is never used again. <c>docs/errors.md</c> has one paragraph for each.
/// </summary>
/// <param name="Id"><c>RELnnnn</c>.</param>
/// <param name="Exit">The exit code of a run that ends with it.</param>
/// <param name="Remedy">What to do, as a sentence; empty when only the detail can say it.</param>
public sealed record Fault(string Id, ExitCode Exit, string Remedy)
{
#pragma warning disable CS1591 // The id, the name and docs/errors.md say it; a comment would say it a third time.
    // 0: settings, usage, machine
    public static readonly Fault Usage = new("REL0001", ExitCode.Usage, "See 'dotnet release --help'.");
    public static readonly Fault SettingsMissing = new("REL0002", ExitCode.Usage, "Write a release.toml at the root of the project, or name one with --config.");
    public static readonly Fault SettingsInvalid = new("REL0003", ExitCode.Usage, "");
    public static readonly Fault SettingsUnknownKey = new("REL0004", ExitCode.Usage, "");
    public static readonly Fault TomlSyntax = new("REL0005", ExitCode.Usage, "");
    public static readonly Fault InputTooLarge = new("REL0006", ExitCode.Usage, "");
    public static readonly Fault FileUnreadable = new("REL0007", ExitCode.Usage, "Check the path and its permissions.");
    public static readonly Fault ToolMissing = new("REL0008", ExitCode.Environment, "");
    public static readonly Fault ToolFailed = new("REL0009", ExitCode.Environment, "");
    public static readonly Fault WriteFailed = new("REL0010", ExitCode.Environment, "Check the free space and the permissions of the folder, then run the command again.");
    public static readonly Fault LockHeld = new("REL0011", ExitCode.Conflict, "Wait for the other run, or end it, then run the command again.");
    public static readonly Fault Interrupted = new("REL0012", ExitCode.Interrupted, "");
    public static readonly Fault AnswerNeeded = new("REL0013", ExitCode.Usage, "");
    public static readonly Fault EventUntrusted = new("REL0014", ExitCode.Remote, "Sign and publish in a workflow that a push or a tag of this repository starts; building works here.");

    // 1: lockfiles, spec and plan
    public static readonly Fault LockMalformed = new("REL1001", ExitCode.Usage, "Restore the lock from git, or write it again with its own tool.");
    public static readonly Fault LockFormatUnknown = new("REL1002", ExitCode.Usage, "Known formats: poetry, uv, pdm, pylock.toml, Pipfile.lock, requirements.txt, packages.lock.json, package-lock.json, Cargo.lock and go.sum; see docs/bump.md.");
    public static readonly Fault RevisionUnknown = new("REL1003", ExitCode.Usage, "");
    public static readonly Fault PackageNotLocked = new("REL1004", ExitCode.Usage, "");
    public static readonly Fault VersionAmbiguous = new("REL1005", ExitCode.Usage, "");
    public static readonly Fault WheelNotFound = new("REL1006", ExitCode.Usage, "");
    public static readonly Fault SpecMalformed = new("REL1007", ExitCode.Usage, "");
    public static readonly Fault SpecLags = new("REL1008", ExitCode.Usage, "");
    public static readonly Fault SpecNotFound = new("REL1009", ExitCode.Usage, "");
    public static readonly Fault PlanMalformed = new("REL1010", ExitCode.Usage, "");
    public static readonly Fault CollectUnknown = new("REL1011", ExitCode.Refused, "Collect only what the jobs of this plan uploaded, from the same commit and with release.lock committed.");
    public static readonly Fault CollectAltered = new("REL1012", ExitCode.Refused, "Do not use it; run the job again and find out who changed the file.");
    public static readonly Fault CollectMissing = new("REL1013", ExitCode.Refused, "Wait for every job of the matrix, and download all of their artefacts.");
    public static readonly Fault SpecDiffers = new("REL1014", ExitCode.Refused, "");
    public static readonly Fault SpecExists = new("REL1015", ExitCode.Usage, "");
    public static readonly Fault AlarmRaised = new("REL1100", ExitCode.Refused, "Look into it; when it is in order, say so with an [[accept]] in release.toml, see docs/alarms.md.");

    // 2: sources and images
    public static readonly Fault SourceMismatch = new("REL2001", ExitCode.Refused, "Do not build it: compare the digest with the upstream announcement.");
    public static readonly Fault SourceNotFound = new("REL2002", ExitCode.Remote, "");
    public static readonly Fault SourceWithoutDigest = new("REL2003", ExitCode.Usage, "");
    public static readonly Fault SourceTooLarge = new("REL2004", ExitCode.Refused, "");
    public static readonly Fault UrlRefused = new("REL2005", ExitCode.Refused, "");
    public static readonly Fault RemoteFailed = new("REL2006", ExitCode.Remote, "Try again later; what was already fetched is kept.");
    public static readonly Fault RemoteStalled = new("REL2007", ExitCode.Remote, "Try again later; what was already fetched is kept.");
    public static readonly Fault RemoteUnauthorized = new("REL2008", ExitCode.Remote, "");
    public static readonly Fault IndexMalformed = new("REL2009", ExitCode.Remote, "Name another index in [sources] index of release.toml, or tell the operator of this one.");
    public static readonly Fault WheelRefused = new("REL2010", ExitCode.Usage, "Do not build it: take another version, and tell its publisher.");
    public static readonly Fault SourceSignatureRefused = new("REL2011", ExitCode.Refused, "Do not build it: compare file and key with the publisher's announcement.");
    public static readonly Fault SourceTreeRefused = new("REL2012", ExitCode.Usage, "");
    public static readonly Fault SdistFailed = new("REL2013", ExitCode.BuildFailed, "");
    public static readonly Fault SdistRefused = new("REL2014", ExitCode.BuildFailed, "");
    public static readonly Fault ImageReferenceMalformed = new("REL2101", ExitCode.Usage, "Known forms: registry/name:tag[@sha256:…], oci:FOLDER[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag], rootfs:FILE[#sha256=…].");
    public static readonly Fault ImageMismatch = new("REL2102", ExitCode.Refused, "Do not use the image; pull it again or compare its digest with the publisher's.");
    public static readonly Fault ImageMalformed = new("REL2103", ExitCode.Usage, "");
    public static readonly Fault ImageNotFound = new("REL2104", ExitCode.Remote, "");
    public static readonly Fault ImagePlatformMissing = new("REL2105", ExitCode.Usage, "");
    public static readonly Fault ImageUnsafe = new("REL2106", ExitCode.Usage, "Do not use this image.");
    public static readonly Fault ImageLayerUnsupported = new("REL2107", ExitCode.Usage, "Convert it: skopeo copy --dest-compress-format gzip docker://IMAGE oci:FOLDER:tag, and name oci:FOLDER:tag.");
    public static readonly Fault ImageNotInLayout = new("REL2108", ExitCode.Usage, "Name one of the tags, after a colon: oci:FOLDER:tag.");
    public static readonly Fault ImageArchiveMalformed = new("REL2109", ExitCode.Usage, "Write the archive again with skopeo, podman save or docker save.");
    public static readonly Fault XzMissing = new("REL2110", ExitCode.Environment, "Install it (liblzma5 in Debian, xz-libs in Fedora), or unpack the file: xz -dk FILE.");

    // 3: containers and build
    public static readonly Fault NamespacesBlocked = new("REL3001", ExitCode.Environment, "");
    public static readonly Fault BubblewrapMissing = new("REL3002", ExitCode.Environment, "");
    public static readonly Fault IdRangeMissing = new("REL3003", ExitCode.Environment, "");
    public static readonly Fault ContainerFailed = new("REL3004", ExitCode.Environment, "");
    public static readonly Fault DiskTooSmall = new("REL3010", ExitCode.Environment, "Make room there, or build fewer at once with --jobs; 'dotnet release image prune' removes what was not used for long.");
    public static readonly Fault EngineFailed = new("REL3020", ExitCode.Environment, "");
    public static readonly Fault EngineLacks = new("REL3021", ExitCode.Usage, "");
    public static readonly Fault RunFailed = new("REL3030", ExitCode.EngineFailed, "");
    public static readonly Fault DiskAlmostFull = new("REL3050", ExitCode.BuildFailed, "Find out why it writes so much, or make room where containers are kept: in DOTNET_RELEASE_DATA or ~/.local/share/dotnet-release.");
    public static readonly Fault PrepareFailed = new("REL3101", ExitCode.BuildFailed, "");
    public static readonly Fault BuildFailed = new("REL3102", ExitCode.BuildFailed, "");
    public static readonly Fault BuildNeedsNetwork = new("REL3103", ExitCode.BuildFailed, "Name what it fetches as a SourceN of the spec, or as a BuildRequires: those are got before the build.");
    public static readonly Fault BuildResultWrong = new("REL3104", ExitCode.BuildFailed, "");
    public static readonly Fault LimitReached = new("REL3107", ExitCode.BuildFailed, "");
    public static readonly Fault RootNotLocked = new("REL3110", ExitCode.Refused, "Write it: dotnet release lock update; review and commit release.lock.");
    public static readonly Fault RootDiffers = new("REL3111", ExitCode.Refused, "Take what the distro has now: dotnet release lock update; review and commit release.lock.");
    public static readonly Fault OfflineLacks = new("REL3112", ExitCode.Environment, "Run it once with a network; what it fetches is kept for later.");
    public static readonly Fault BuildArchForeign = new("REL3106", ExitCode.Environment, "Build it on a machine of that architecture, see docs/architectures.md.");
    public static readonly Fault BuildNotReproducible = new("REL3120", ExitCode.Refused, "Compare them with diffoscope, or build without --check-reproducible.");
    public static readonly Fault InstallCheckFailed = new("REL3140", ExitCode.BuildFailed, "The log says why. 'smoke' of the [[rpm]] in release.toml has the commands; --no-install-check builds without the check.");
    public static readonly Fault PackageRefused = new("REL3200", ExitCode.Refused, "Mend it in the spec and build again; when it is meant, say so with an [[accept]] in release.toml, see docs/alarms.md.");
    public static readonly Fault SpecUnparsable = new("REL3105", ExitCode.BuildFailed, "");

    // 4: RPM and signing
    public static readonly Fault RpmMalformed = new("REL4001", ExitCode.Usage, "");
    public static readonly Fault RpmDamaged = new("REL4002", ExitCode.Refused, "Do not use the file; build or download it again.");
    public static readonly Fault RpmNotSigned = new("REL4003", ExitCode.Refused, "");
    public static readonly Fault RpmSignerUnexpected = new("REL4004", ExitCode.Refused, "");
    public static readonly Fault RpmSignatureBad = new("REL4005", ExitCode.Refused, "Do not use the file.");
    public static readonly Fault KeyNameMalformed = new("REL4006", ExitCode.Usage, "");
    public static readonly Fault KeyUnusable = new("REL4007", ExitCode.Environment, "");
    public static readonly Fault KeyRefused = new("REL4008", ExitCode.Refused, "");
    public static readonly Fault SigningFailed = new("REL4009", ExitCode.Environment, "Nothing was changed.");
    public static readonly Fault KeyFileMalformed = new("REL4010", ExitCode.Usage, "");
    public static readonly Fault StatementContradicts = new("REL4011", ExitCode.Refused, "Take package and statement from one build, or build it again.");
    public static readonly Fault StatementUnreadable = new("REL4012", ExitCode.Refused, "Restore the statement that the build wrote, or build again.");

    // 5: repository
    public static readonly Fault RepositoryUnknown = new("REL5001", ExitCode.Usage, "");
    public static readonly Fault RepositoryMalformed = new("REL5002", ExitCode.Usage, "");
    public static readonly Fault PublishedOtherBytes = new("REL5003", ExitCode.Conflict, "A published version is never replaced; raise Release.");
    public static readonly Fault PublishedDowngrade = new("REL5004", ExitCode.Refused, "");
    public static readonly Fault RepositoryMoved = new("REL5005", ExitCode.Conflict, "Run the command again; it starts from what is there now.");
    public static readonly Fault RepositoryUnverified = new("REL5006", ExitCode.Refused, "");
    public static readonly Fault StoreUnreachable = new("REL5007", ExitCode.Remote, "");
    public static readonly Fault StoreRefused = new("REL5008", ExitCode.Remote, "");
    public static readonly Fault StoreIncapable = new("REL5009", ExitCode.Environment, "");
    public static readonly Fault RecordMalformed = new("REL5040", ExitCode.Usage, "Find out who wrote it; the next publication by a maintainer writes it anew.");
    public static readonly Fault RepositoryRolledBack = new("REL5041", ExitCode.Refused, "Find out who put old metadata there.");
    public static readonly Fault PortTaken = new("REL5042", ExitCode.Environment, "Name another port with --port, or --port 0 for a free one.");
    public static readonly Fault PackageWithdrawn = new("REL5043", ExitCode.Refused, "");
    public static readonly Fault RevisionNotKept = new("REL5044", ExitCode.Usage, "");
    public static readonly Fault PackageNotServed = new("REL5045", ExitCode.Usage, "");
    public static readonly Fault PlanChanged = new("REL5046", ExitCode.Conflict, "See what would be done now: the same command with --dry-run");
    public static readonly Fault PromotionRefused = new("REL5047", ExitCode.Refused, "");
    public static readonly Fault RevisionNotAbove = new("REL5070", ExitCode.Refused, "Name a higher one, or leave --revision out.");
    public static readonly Fault ZstdMissing = new("REL5071", ExitCode.Environment, "Install it: libzstd1 in Debian, libzstd in Fedora. Only a repository's metadata can do without, with compression = \"gzip\" in release.toml.");

    // 6: GitHub
    public static readonly Fault GitHubUnauthorized = new("REL6001", ExitCode.Remote, "");
    public static readonly Fault GitHubTokenUnusable = new("REL6002", ExitCode.Environment, "");
    public static readonly Fault GitHubNotFound = new("REL6003", ExitCode.Remote, "");
    public static readonly Fault GitHubFailed = new("REL6004", ExitCode.Remote, "Run the command again later; it goes on where it stopped.");
    public static readonly Fault GitHubLimited = new("REL6005", ExitCode.Remote, "");
    public static readonly Fault AssetNotFound = new("REL6006", ExitCode.Usage, "");
    public static readonly Fault AssetNameRefused = new("REL6007", ExitCode.Usage, "Rename the file.");
    public static readonly Fault AssetTooLarge = new("REL6008", ExitCode.Usage, "");
    public static readonly Fault AssetReveals = new("REL6009", ExitCode.Refused, "Do not upload it; make a new token if somebody else has the file.");
    public static readonly Fault AssetConflict = new("REL6010", ExitCode.Conflict, "Name --replace to replace it, or release a new version.");
    public static readonly Fault ReleaseOfOtherCommit = new("REL6011", ExitCode.Conflict, "");
    public static readonly Fault ReleaseAmbiguous = new("REL6012", ExitCode.Conflict, "");
    public static readonly Fault ReleaseImmutable = new("REL6013", ExitCode.Conflict, "Release a new version.");
    public static readonly Fault TagBurned = new("REL6014", ExitCode.Conflict, "GitHub never gives such a tag free again; release a new version.");
    public static readonly Fault TagElsewhere = new("REL6015", ExitCode.Conflict, "");
    public static readonly Fault ReleaseUnverified = new("REL6016", ExitCode.Refused, "Do not use these files; tell who publishes them.");
    public static readonly Fault TagUnnamed = new("REL6017", ExitCode.Usage, "");
    public static readonly Fault NotesMissing = new("REL6018", ExitCode.Usage, "");
    public static readonly Fault GitHubUnnamed = new("REL6019", ExitCode.Usage, "Write it into release.toml: [project] github = \"owner/name\"");

    // 7: signed tags
    public static readonly Fault TagUnknown = new("REL7001", ExitCode.Usage, "");
    public static readonly Fault TagMalformed = new("REL7002", ExitCode.Refused, "Tag the commit again with 'git tag -s'; do not use this tag.");
    public static readonly Fault TagNotSigned = new("REL7003", ExitCode.Refused, "Sign it: git tag -s -f NAME COMMIT, as long as nobody has released it.");
    public static readonly Fault TagRenamed = new("REL7004", ExitCode.Refused, "Renamed tags are refused: tag the commit under its new name.");
    public static readonly Fault TagTargetWrong = new("REL7005", ExitCode.Refused, "");
    public static readonly Fault TagSignatureBad = new("REL7006", ExitCode.Refused, "Tag the commit again with 'git tag -s'; do not use this tag.");
    public static readonly Fault TagKeyRefused = new("REL7007", ExitCode.Refused, "");
    public static readonly Fault TagSignerUnknown = new("REL7008", ExitCode.Refused, "");
    public static readonly Fault TagNotPermitted = new("REL7009", ExitCode.Refused, "");
    public static readonly Fault TagVersionDiffers = new("REL7010", ExitCode.Refused, "");
    public static readonly Fault TagVersionOld = new("REL7011", ExitCode.Refused, "Raise the version; a released version is never released again from other sources.");
    public static readonly Fault TagReplaced = new("REL7012", ExitCode.Refused, "A released tag is never replaced; raise the version.");
    public static readonly Fault TagMoved = new("REL7013", ExitCode.Conflict, "Find out who moved it, then start again.");
    public static readonly Fault MaintainersMissing = new("REL7020", ExitCode.Refused, "");
    public static readonly Fault MaintainersInvalid = new("REL7021", ExitCode.Usage, "");
    public static readonly Fault ProtectedBranchUnknown = new("REL7022", ExitCode.Usage, "");
    public static readonly Fault PackageConfined = new("REL7030", ExitCode.Refused, "");

    // 9: ledger and runs
    public static readonly Fault LedgerBroken = new("REL9001", ExitCode.Refused, "Keep the file to find out who changed it: move it away, then run 'dotnet release status --rebuild'.");
    public static readonly Fault ShipHalfDone = new("REL9002", ExitCode.Conflict, "Go on with it: dotnet release ship --resume");
    public static readonly Fault NothingToResume = new("REL9003", ExitCode.Usage, "");
    public static readonly Fault ShipPlanChanged = new("REL9004", ExitCode.Conflict, "");
    public static readonly Fault PreflightFailed = new("REL9005", ExitCode.Environment, "");
    public static readonly Fault ShipResultGone = new("REL9006", ExitCode.Conflict, "Run the command again with --resume.");
    public static readonly Fault TagMissing = new("REL9007", ExitCode.Usage, "");
    public static readonly Fault QaStatementMissing = new("REL9008", ExitCode.Refused, "");
    public static readonly Fault QaStatementRefused = new("REL9009", ExitCode.Refused, "A statement speaks for the bytes that were tested, and for no others: test these, and sign again.");
    public static readonly Fault StatusDrift = new("REL9010", ExitCode.Conflict, "");
#pragma warning restore CS1591
}
