using DotnetRelease.Tool;

return await Door.RunAsync(args, Console.Out, Console.Error);
