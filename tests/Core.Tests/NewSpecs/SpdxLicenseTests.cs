using DotnetRelease.NewSpecs;
using DotnetRelease.WheelFiles;

namespace DotnetRelease.Core.Tests.NewSpecs;

[TestClass]
public sealed class SpdxLicenseTests
{
    [TestMethod]
    [DataRow("MIT OR Apache-2.0", null, null, "MIT OR Apache-2.0", false)]
    [DataRow("LGPL-3.0-only OR GPL-2.0-only", "LGPL", "MIT License", "LGPL-3.0-only OR GPL-2.0-only", false)]
    [DataRow(null, "MIT", null, "MIT", false)]
    [DataRow(null, "The MIT License", null, "MIT", false)]
    [DataRow(null, "Apache License, Version 2.0", null, "Apache-2.0", false)]
    [DataRow(null, "Apache 2.0", null, "Apache-2.0", false)]
    [DataRow(null, "Apache", null, "Apache-2.0", true)]
    [DataRow(null, "BSD", null, "BSD-3-Clause", true)]
    [DataRow(null, "BSD-2-Clause", null, "BSD-2-Clause", false)]
    [DataRow(null, "3-Clause BSD License", null, "BSD-3-Clause", false)]
    [DataRow(null, "GPLv3+", null, "GPL-3.0-or-later", false)]
    [DataRow(null, "LGPL v3", null, "LGPL-3.0-only", false)]
    [DataRow(null, "MPL-2.0 AND MIT", null, "MPL-2.0 AND MIT", false)]
    [DataRow(null, "MIT-CMU", null, "MIT-CMU", false)]
    [DataRow(null, "UNKNOWN-ish words", "MIT License", "MIT", false)]
    [DataRow(null, null, "BSD License", "BSD-3-Clause", true)]
    [DataRow(null, null, "GNU Affero General Public License v3", "AGPL-3.0-only", false)]
    [DataRow(null, null, "MIT License|Apache Software License", "MIT AND Apache-2.0", true)]
    [DataRow(null, "LGPL", "GNU Library or Lesser General Public License (LGPL)", null, true)]
    [DataRow(null, "Dual License", null, null, true)]
    [DataRow(null, null, null, null, true)]
    [DataRow("MIT\nRequires: evil", null, null, null, true)]
    [DataRow("%(id)", null, null, null, true)]
    public void What_a_wheel_says_becomes_an_expression_of_SPDX(string? expression, string? license, string? classifiers, string? expected, bool isDoubted)
    {
        var wheel = new WheelMetadata("greeter", "1.0")
        {
            LicenseExpression = expression,
            License = license,
            Classifiers = [.. classifiers?.Split('|').Select(each => "License :: OSI Approved :: " + each) ?? []],
        };

        var found = SpdxLicense.Of([wheel]);

        Assert.AreEqual(expected, found.Expression);
        Assert.AreEqual(isDoubted, found.Doubt is not null, found.Doubt);
    }

    [TestMethod]
    public void Of_several_wheels_all_licences_hold()
    {
        static WheelMetadata With(string expression) => new("x", "1") { LicenseExpression = expression };

        Assert.AreEqual("MIT AND (LGPL-3.0-only OR GPL-2.0-only)", SpdxLicense.Of([With("MIT"), With("LGPL-3.0-only OR GPL-2.0-only"), With("MIT")]).Expression);
    }
}
