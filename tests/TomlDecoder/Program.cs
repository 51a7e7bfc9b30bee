using DotnetRelease;
using DotnetRelease.Toml;
using DotnetRelease.TomlDecoder;

// The decoder of toml-test (https://github.com/toml-lang/toml-test): TOML on stdin, tagged JSON on stdout, exit 1 for what is no TOML.
//   toml-test test -decoder 'dotnet TomlDecoder.dll'
//   toml-test test -toml 1.1 -decoder 'dotnet TomlDecoder.dll --toml 1.1'
var edition = args switch
{
    [] or ["--toml", "1.0"] => TomlEdition.V10,
    ["--toml", "1.1"] => TomlEdition.V11,
    _ => (TomlEdition?)null,
};
if (edition is not { } known)
{
    Console.Error.WriteLine("usage: TomlDecoder [--toml 1.0|1.1] <FILE.toml >FILE.json");
    return 2;
}

using var input = new MemoryStream();
using (var stdin = Console.OpenStandardInput())
{
    stdin.CopyTo(input);
}

try
{
    using var output = Console.OpenStandardOutput();
    TaggedJson.Write(TomlReader.Parse(input.ToArray(), "<stdin>", Fault.SettingsInvalid, known), output);
    return 0;
}
catch (ReleaseException ex)
{
    Console.Error.WriteLine($"{ex.Position}: {ex.Message}");
    return 1;
}
