using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace DotnetRelease.Planning;

/// <summary>The builds of a plan as jobs of a CI system, each on a machine of its own and without any secret.</summary>
/// <param name="Cells">One for each RPM, target and machine that has something to build, in the order of the plan.</param>
public sealed record BuildMatrix(ImmutableArray<MatrixCell> Cells)
{
    /// <summary>The matrix of a plan; what is up to date is no cell.</summary>
    public static BuildMatrix Of(ReleasePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new(
        [
            .. from rpm in plan.Rpms
               from target in rpm.Targets
               where target.State is TargetState.Build
               select new MatrixCell(rpm.Name, target.Name, target.Arch),
        ]);
    }

    /// <summary>
    /// The value of a job's <c>strategy.matrix</c> in GitHub Actions, on one line because an output of a step is one. An empty matrix is an
    /// error there, so the job has to ask for the number of cells first.
    /// </summary>
    public string ToGitHub()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteCells(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary><c>{"schema","count","matrix":{"include":[…]}}</c> on one line: everything that a workflow asks for.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteNumber("count", Cells.Length);
            json.WriteStartObject("matrix");
            WriteCells(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void WriteCells(Utf8JsonWriter json)
    {
        json.WriteItems("include", Cells, cell =>
        {
            json.WriteString("name", cell.Name);
            json.WriteString("id", cell.Id);
            json.WriteString("rpm", cell.Rpm);
            json.WriteString("target", cell.Target);
            json.WriteString("arch", cell.Arch);
            json.WriteString("runner", cell.Runner);
        });
    }
}

/// <summary>One job: <c>rpm --only ID</c>.</summary>
/// <param name="Rpm">The settings' name of the RPM.</param>
/// <param name="Target">The settings' name of the target.</param>
/// <param name="Arch">In RPM's words.</param>
public sealed record MatrixCell(string Rpm, string Target, string Arch)
{
    /// <summary>What the job is called; also a name for its artefact, so one path segment.</summary>
    public string Name => $"{Rpm}-{Target}-{Arch}";

    /// <summary>What <c>rpm --only</c> takes: exactly this build.</summary>
    public string Id => new CellName(Rpm, Target, Arch).ToString();

    /// <summary>A hosted runner of that machine; where GitHub has none, one of the project's own, labelled with the machine.</summary>
    public string Runner => Arch switch
    {
        "x86_64" => "ubuntu-24.04",
        "aarch64" => "ubuntu-24.04-arm",
        _ => Arch,
    };
}
