namespace DotnetRelease.Toml;

/// <summary>One part of a dotted key.</summary>
internal sealed record TomlKeyPart(string Name, TomlMark Mark);

/// <summary>Bare, quoted and dotted keys.</summary>
internal sealed class TomlKeys(TomlCursor cursor, TomlStrings strings)
{
    /// <summary>The parts of the key that was read last.</summary>
    public List<TomlKeyPart> Parts { get; } = [];

    /// <summary>Reads a key with the blanks around it into <see cref="Parts"/>.</summary>
    /// <param name="depth">How deep the table lies that the key is for.</param>
    public void Read(int depth)
    {
        Parts.Clear();
        do
        {
            cursor.SkipBlanks();
            RefuseDepth(cursor, depth + Parts.Count);
            var mark = cursor.Mark;
            Parts.Add(new(ReadPart(), mark));
            cursor.SkipBlanks();
        }
        while (cursor.TrySkip('.'));
    }

    /// <summary>Stops before the stack or the memory would.</summary>
    public static void RefuseDepth(TomlCursor cursor, int depth)
    {
        if (depth >= TomlReader.DepthLimit)
        {
            throw cursor.Fault($"Nesting deeper than {TomlReader.DepthLimit} levels is not read.");
        }
    }

    /// <summary>The table for the last part of a dotted key.</summary>
    public static TomlTable Enter(TomlTable parent, TomlKeyPart part)
    {
        switch (parent.Find(part.Name))
        {
            case null:
                var made = new TomlTable(part.Mark, TomlTableOrigin.DottedKey);
                parent.Add(new(part.Name, part.Mark.Position, made));
                return made;
            case { Value: TomlTable { Origin: TomlTableOrigin.DottedKey } table }:
                return table;
            case var entry:
                throw Closed(part, entry);
        }
    }

    /// <summary>The failure for a key that is set a second time.</summary>
    public static ReleaseException Taken(TomlKeyPart part, TomlEntry first, Fault? fault = null) => new(
        fault ?? Fault.TomlSyntax, $"The key '{TomlPath.Escape(part.Name)}' is already set at {first.Position}.", part.Mark.Position);

    /// <summary>The failure for a key that leads into something that nothing can be added to.</summary>
    public static ReleaseException Closed(TomlKeyPart part, TomlEntry first) => new(
        Fault.TomlSyntax,
        $"The key '{TomlPath.Escape(part.Name)}' is {first.Value.Kind} since {first.Position}; nothing can be added to it here.",
        part.Mark.Position);

    private string ReadPart()
    {
        if (cursor.Current is '"' or '\'')
        {
            return strings.ReadLine();
        }

        var rest = cursor.Rest;
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] is '-' or '_'))
        {
            length++;
        }

        return length > 0 ? cursor.Take(length) : throw cursor.Fault($"Expected a key, found {cursor.Describe()}.");
    }
}
