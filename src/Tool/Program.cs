using DotnetRelease.Tool;
using DotnetRelease.Tool.Commands;

return await Door.RunAsync(args, Console.Out, Console.Error, EarlyContainer.For(args));
