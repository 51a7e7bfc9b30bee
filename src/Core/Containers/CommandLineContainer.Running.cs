using System.Collections.Immutable;
using System.Text.Json;
using DotnetRelease.Processes;

namespace DotnetRelease.Containers;

/// <content>Running commands.</content>
internal sealed partial class CommandLineContainer
{
    // As env(1) says that a command could not be started; but engines say the first also of themselves.
    private const int CannotStart = 126;
    private const int NotFound = 127;

    /// <summary>Names of variables that the image may have from earlier commands.</summary>
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal);

    /// <summary>How long the engine's program may take to leave the terminal as it was, once its container is gone.</summary>
    private static readonly TimeSpan GentleEnd = TimeSpan.FromSeconds(10);

    private delegate Task<Outcome> Runner(string container, Command command, CancellationToken ct);

    /// <inheritdoc/>
    public async Task<int> RunAsync(Sandbox sandbox, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        if (sandbox.Terminal)
        {
            OwnTerminal.OfStandardInput();
            sandbox = ContainerEnvironment.OnTerminal(sandbox);
        }

        string[] streams = [.. sandbox.Input ? (string[])["--interactive"] : [], .. sandbox.Terminal ? (string[])["--tty"] : []];
        using var signals = new ForwardedSignals(sandbox.Terminal, ct);

        // What a terminal sends, the engine's program gets as we do, and passes it on; a request to us alone ends the container.
        signals.SendTo(signal => signals.EndOnTerminate(signal));
        try
        {
            return (await RunAsync(sandbox, streams, AttachAsync, signals.Ended)).ExitCode;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw ForwardedSignals.Interrupted();
        }
    }

    /// <inheritdoc/>
    public async Task<int> RunAsync(Sandbox sandbox, Action<ReadOnlyMemory<byte>> output, CancellationToken ct) =>
        (await RunAsync(sandbox, [], (_, command, stop) => Exec.StreamAsync(command, output, stop), ct)).ExitCode;

    /// <inheritdoc/>
    public Task<Outcome> ReadAsync(Sandbox sandbox, CancellationToken ct) => RunAsync(sandbox, [], (_, command, stop) => Exec.RunAsync(command, stop), ct);

    private async Task<Outcome> RunAsync(Sandbox sandbox, string[] streams, Runner run, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sandbox);
        await _turn.WaitAsync(ct);
        try
        {
            var image = await ImageAsync(ct);
            var name = Next("c");
            var command = await CallAsync((name, image), sandbox, streams, ct);
            var outcome = await RunAsync(name, command, run, ct);
            if ((outcome.ExitCode is 0 || await HasStartedAsync(name, outcome, ct)) && !sandbox.ReadOnlyRoot)
            {
                _changed = name;
            }

            return outcome;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Who asks for an end gets one: killing the program that we started does not end a container.</summary>
    private async Task<Outcome> RunAsync(string name, Command command, Runner run, CancellationToken ct)
    {
        try
        {
            return await run(name, command, ct);
        }
        catch
        {
            await RemoveContainerAsync(name);
            throw;
        }
    }

    /// <summary>The end of its container lets the engine's program end by itself, with the terminal as it was before; killing it would not.</summary>
    private async Task<Outcome> AttachAsync(string name, Command command, CancellationToken ct)
    {
        using var kill = new CancellationTokenSource();
        await using var end = ct.Register(() =>
        {
            _ = RemoveContainerAsync(name);
            kill.CancelAfter(GentleEnd);
        });
        var code = await Exec.AttachAsync(command, kill.Token);
        ct.ThrowIfCancellationRequested();
        return new Outcome(code, default, "");
    }

    private async Task<Command> CallAsync((string Name, string Image) container, Sandbox sandbox, string[] streams, CancellationToken ct)
    {
        var variables = ContainerEnvironment.Of(sandbox, _config);
        var file = Path.Combine(_folder.Value.Path, Next("env"));
        await File.WriteAllTextAsync(file, RunArguments.EnvironmentFile(_program, variables), ct);
        var names = variables.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var stale = _program.ClearsVariables ? [] : _variables.Except(names, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        _variables.UnionWith(names);
        var call = _program.Call(
        [
            "run", .. streams, .. RunArguments.Common(_program, container.Name),
            .. RunArguments.Of(_program, sandbox),
            .. await VolumesAsync(sandbox.Volumes, ct),
            "--env-file", file, .. stale.SelectMany(name => (string[])["--env", name]),
            container.Image, .. sandbox.ProveNoNetwork ? NetworkCheck.Before(sandbox.Command) : sandbox.Command,
        ]);

        // Docker removes a variable that is named without a value, as long as it does not find one with us.
        return stale.Aggregate(call, (command, name) => command.With(name, null));
    }

    /// <summary>False when the program of the command could not be started, which is the command's failure.</summary>
    /// <exception cref="ReleaseException"><see cref="Fault.EngineFailed"/> when there is no container, or it did not start for another reason.</exception>
    private async Task<bool> HasStartedAsync(string name, Outcome outcome, CancellationToken ct)
    {
        var state = await Exec.RunAsync(_program.Call("inspect", "--format", "{{.State.Status}}", name), ct);
        if (state.ExitCode is 0 && state.Output.Trim() is not ("created" or "configured" or "initialized"))
        {
            return true;
        }

        await RemoveContainerAsync(name);
        return state.ExitCode is 0 && IsOfCommand(outcome) ? false : throw _program.Failure(["run"], outcome.ExitCode, outcome.Error);
    }

    private static bool IsOfCommand(Outcome outcome) => outcome.ExitCode switch
    {
        NotFound => true,

        // runc speaks of exec, crun of an executable. Without words they stand on the user's terminal already.
        CannotStart => outcome.Error.Length is 0 || outcome.Error.Contains("exec: ", StringComparison.Ordinal) || outcome.Error.Contains("executable", StringComparison.Ordinal),
        _ => false,
    };

    private async Task<ImmutableArray<string>> VolumesAsync(ImmutableArray<Volume> volumes, CancellationToken ct)
    {
        if (volumes.IsEmpty)
        {
            return [];
        }

        // On a machine with SELinux a container could not read them otherwise, and relabelling the user's files is not for us to do.
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange("--security-opt", "label=disable");
        foreach (var volume in volumes)
        {
            arguments.AddRange(_program.IsRemote ? RunArguments.Copy(await SendAsync(volume, ct), volume) : RunArguments.Bind(volume));
        }

        return arguments.ToImmutable();
    }

    /// <summary>Copies a folder into a volume of an engine that does not see our files.</summary>
    private async Task<string> SendAsync(Volume volume, CancellationToken ct)
    {
        if (!volume.ReadOnly || !Directory.Exists(volume.Source))
        {
            throw new ReleaseException(Fault.EngineLacks, $"The volume '{volume}' cannot be used: {_program.Name} runs elsewhere, where only copies of folders can be read.")
            {
                Remedy = "Name a folder and add ':ro', or use an engine of this machine.",
            };
        }

        const string place = "/volume";
        var copy = Next("v");
        await _program.ReadAsync(["volume", "create", "--label", $"{CommandLineEngine.Label}=run", copy], ct);
        _volumes.Add(copy);
        var helper = Next("c");
        await _program.ReadAsync(["create", .. RunArguments.Common(_program, helper), "--network", "none", "--mount", $"type=volume,source={copy},target={place}", _image, "true"], ct);
        await _program.ReadAsync(["cp", "--archive=false", "-", $"{helper}:{place}/"], tar => EngineFiles.WriteFolderAsync(volume.Source, tar), ct);
        await RemoveContainerAsync(helper);
        return copy;
    }

    /// <summary>What a prepared root may have, for engines that have to be told each name.</summary>
    private async Task LearnVariablesAsync(CancellationToken ct)
    {
        if (!_program.ClearsVariables)
        {
            var lines = await _program.ReadAsync(["image", "inspect", "--format", "{{json .Config.Env}}", _image], ct);
            _variables.UnionWith((JsonSerializer.Deserialize<string[]?>(lines) ?? []).Select(NameOf));
        }
    }

    private static string NameOf(string variable) => variable.Split('=')[0];
}
