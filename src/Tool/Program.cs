using DotnetRelease;
using DotnetRelease.Processes;
using DotnetRelease.Tool;
using DotnetRelease.Tool.Commands;

var redactor = Redactor.Shared;
KeyVariable.Hide();
redactor.LearnEnvironment(Environment.GetEnvironmentVariables());
Console.SetOut(redactor.Guard(Console.Out));
Console.SetError(redactor.Guard(Console.Error));
AppDomain.CurrentDomain.UnhandledException += (_, crash) => Door.Die(Console.Error, (Exception)crash.ExceptionObject);
var code = await Door.RunAsync(args, Console.Out, Console.Error, EarlyContainer.For(args));
await Console.Out.FlushAsync();
await Console.Error.FlushAsync();
return code;
