using DotnetRelease;
using DotnetRelease.Processes;
using DotnetRelease.Tool;
using DotnetRelease.Tool.Commands;

// What takes longest begins first; it gets nothing of our environment.
var early = EarlyContainer.For(args);
var redactor = Redactor.Shared;
KeyVariable.Hide();
redactor.LearnEnvironment(Environment.GetEnvironmentVariables());
Console.SetOut(redactor.Guard(() => Open(Console.OpenStandardOutput())));
Console.SetError(redactor.Guard(() => Open(Console.OpenStandardError())));
AppDomain.CurrentDomain.UnhandledException += (_, crash) => Door.Die(Console.Error, (Exception)crash.ExceptionObject);

// Waited for on this thread: an asynchronous start would be compiled anew for each run.
var code = Door.RunAsync(args, Console.Out, Console.Error, early).GetAwaiter().GetResult();
Console.Out.Flush();
Console.Error.Flush();
return code;

// As the console opens them, but not before there is something to say.
static StreamWriter Open(Stream stream) => new(stream, Console.OutputEncoding) { AutoFlush = true };
