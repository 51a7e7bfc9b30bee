namespace DotnetRelease.Toml;

/// <summary>A string.</summary>
public sealed class TomlText : TomlValue
{
    internal TomlText(TomlMark mark, string value)
        : base(mark) => Value = value;

    /// <summary>The text, escapes resolved.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a string";
}

/// <summary>An integer, 64 bits as TOML demands.</summary>
public sealed class TomlInteger : TomlValue
{
    internal TomlInteger(TomlMark mark, long value)
        : base(mark) => Value = value;

    /// <summary>The number.</summary>
    public long Value { get; }

    /// <inheritdoc/>
    public override string Kind => "an integer";
}

/// <summary>A floating-point number, <c>inf</c> and <c>nan</c> included.</summary>
public sealed class TomlFloat : TomlValue
{
    internal TomlFloat(TomlMark mark, double value)
        : base(mark) => Value = value;

    /// <summary>The number.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a float";
}

/// <summary><c>true</c> or <c>false</c>.</summary>
public sealed class TomlBoolean : TomlValue
{
    internal TomlBoolean(TomlMark mark, bool value)
        : base(mark) => Value = value;

    /// <summary>The value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a boolean";
}

/// <summary>A local date, <c>2026-12-31</c>.</summary>
public sealed class TomlDate : TomlValue
{
    internal TomlDate(TomlMark mark, DateOnly value)
        : base(mark) => Value = value;

    /// <summary>The day.</summary>
    public DateOnly Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a date";
}

/// <summary>A local time, <c>07:32:00</c>.</summary>
public sealed class TomlTime : TomlValue
{
    internal TomlTime(TomlMark mark, TimeOnly value)
        : base(mark) => Value = value;

    /// <summary>The time of day; digits after the seventh of the second's fraction are cut off.</summary>
    public TimeOnly Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a time";
}

/// <summary>A date with a time, with an offset or local.</summary>
public sealed class TomlDateTime : TomlValue
{
    internal TomlDateTime(TomlMark mark, DateTime value, TimeSpan? offset)
        : base(mark) => (Value, Offset) = (value, offset);

    /// <summary>Date and time as written, not moved to another zone.</summary>
    public DateTime Value { get; }

    /// <summary>Offset from UTC, up to a day as RFC 3339 allows; null for a local date-time.</summary>
    public TimeSpan? Offset { get; }

    /// <inheritdoc/>
    public override string Kind => Offset is null ? "a local date-time" : "a date-time";
}
