namespace DotnetRelease.Fixtures;

/// <summary>The text of a <c>poetry.lock</c> with one package.</summary>
public static class PoetryLock
{
    /// <summary>The package is named and versioned as its wheel says.</summary>
    public static string Of(string wheel, Digest digest) => $$"""
        [[package]]
        name = "{{wheel.Split('-')[0]}}"
        version = "{{wheel.Split('-')[1]}}"
        description = ""
        optional = false
        python-versions = "*"
        files = [
            {file = "{{wheel}}", hash = "{{digest}}"},
        ]

        [metadata]
        lock-version = "2.1"
        python-versions = "*"
        content-hash = "{{digest.Hex}}"
        """;
}
