using System.Collections.Frozen;

namespace DotnetRelease.NewSpecs;

/// <summary>What SPDX calls the licences of trove classifiers, and those that people have spelled in many ways.</summary>
internal static class LicenseNames
{
    private static readonly FrozenDictionary<string, string> Classifiers = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Academic Free License (AFL)"] = "AFL-3.0",
        ["Apache Software License"] = "Apache-2.0",
        ["Artistic License"] = "Artistic-2.0",
        ["BSD License"] = "BSD-3-Clause",
        ["Blue Oak Model License (BlueOak-1.0.0)"] = "BlueOak-1.0.0",
        ["Boost Software License 1.0 (BSL-1.0)"] = "BSL-1.0",
        ["Eclipse Public License 1.0 (EPL-1.0)"] = "EPL-1.0",
        ["Eclipse Public License 2.0 (EPL-2.0)"] = "EPL-2.0",
        ["European Union Public Licence 1.1 (EUPL 1.1)"] = "EUPL-1.1",
        ["European Union Public Licence 1.2 (EUPL 1.2)"] = "EUPL-1.2",
        ["GNU Affero General Public License v3"] = "AGPL-3.0-only",
        ["GNU Affero General Public License v3 or later (AGPLv3+)"] = "AGPL-3.0-or-later",
        ["GNU General Public License v2 (GPLv2)"] = "GPL-2.0-only",
        ["GNU General Public License v2 or later (GPLv2+)"] = "GPL-2.0-or-later",
        ["GNU General Public License v3 (GPLv3)"] = "GPL-3.0-only",
        ["GNU General Public License v3 or later (GPLv3+)"] = "GPL-3.0-or-later",
        ["GNU Lesser General Public License v2 (LGPLv2)"] = "LGPL-2.0-only",
        ["GNU Lesser General Public License v2 or later (LGPLv2+)"] = "LGPL-2.0-or-later",
        ["GNU Lesser General Public License v3 (LGPLv3)"] = "LGPL-3.0-only",
        ["GNU Lesser General Public License v3 or later (LGPLv3+)"] = "LGPL-3.0-or-later",
        ["Historical Permission Notice and Disclaimer (HPND)"] = "HPND",
        ["ISC License (ISCL)"] = "ISC",
        ["MIT License"] = "MIT",
        ["MIT No Attribution License (MIT-0)"] = "MIT-0",
        ["Mozilla Public License 1.1 (MPL 1.1)"] = "MPL-1.1",
        ["Mozilla Public License 2.0 (MPL 2.0)"] = "MPL-2.0",
        ["Mulan Permissive Software License v2 (MulanPSL-2.0)"] = "MulanPSL-2.0",
        ["Python Software Foundation License"] = "PSF-2.0",
        ["SIL Open Font License 1.1 (OFL-1.1)"] = "OFL-1.1",
        ["The Unlicense (Unlicense)"] = "Unlicense",
        ["Universal Permissive License (UPL)"] = "UPL-1.0",
        ["Zero-Clause BSD (0BSD)"] = "0BSD",
        ["Zope Public License"] = "ZPL-2.1",
        ["zlib/libpng License"] = "Zlib",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Without spaces, dashes, commas, and the words "the", "license" and "version".</summary>
    private static readonly FrozenDictionary<string, string> Spellings = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["0bsd"] = "0BSD",
        ["agpl3"] = "AGPL-3.0-only",
        ["agpl3+"] = "AGPL-3.0-or-later",
        ["agpl3.0"] = "AGPL-3.0-only",
        ["apache"] = "Apache-2.0",
        ["apache2"] = "Apache-2.0",
        ["apache2.0"] = "Apache-2.0",
        ["apachesoftware"] = "Apache-2.0",
        ["apachesoftware2.0"] = "Apache-2.0",
        ["bsd"] = "BSD-3-Clause",
        ["bsd2clause"] = "BSD-2-Clause",
        ["2clausebsd"] = "BSD-2-Clause",
        ["simplifiedbsd"] = "BSD-2-Clause",
        ["bsd3clause"] = "BSD-3-Clause",
        ["3clausebsd"] = "BSD-3-Clause",
        ["newbsd"] = "BSD-3-Clause",
        ["modifiedbsd"] = "BSD-3-Clause",
        ["bsl1.0"] = "BSL-1.0",
        ["cc01.0"] = "CC0-1.0",
        ["gpl2"] = "GPL-2.0-only",
        ["gpl2.0"] = "GPL-2.0-only",
        ["gpl2+"] = "GPL-2.0-or-later",
        ["gpl3"] = "GPL-3.0-only",
        ["gpl3.0"] = "GPL-3.0-only",
        ["gpl3+"] = "GPL-3.0-or-later",
        ["hpnd"] = "HPND",
        ["isc"] = "ISC",
        ["lgpl2.1"] = "LGPL-2.1-only",
        ["lgpl2.1+"] = "LGPL-2.1-or-later",
        ["lgpl3"] = "LGPL-3.0-only",
        ["lgpl3.0"] = "LGPL-3.0-only",
        ["lgpl3+"] = "LGPL-3.0-or-later",
        ["mit"] = "MIT",
        ["expat"] = "MIT",
        ["mitcmu"] = "MIT-CMU",
        ["mit0"] = "MIT-0",
        ["mpl2"] = "MPL-2.0",
        ["mpl2.0"] = "MPL-2.0",
        ["mozillapublic2.0"] = "MPL-2.0",
        ["psf"] = "PSF-2.0",
        ["psf2.0"] = "PSF-2.0",
        ["psfl"] = "PSF-2.0",
        ["pythonsoftwarefoundation"] = "PSF-2.0",
        ["unlicense"] = "Unlicense",
        ["zlib"] = "Zlib",
        ["zpl2.1"] = "ZPL-2.1",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Identifiers = Classifiers.Values.Concat(Spellings.Values).ToFrozenSet(StringComparer.Ordinal);
    private static readonly string[] Vague = ["bsd", "apache", "apachesoftware", "artistic", "academicfree(afl)"];

    /// <summary>For what follows <c>License :: OSI Approved ::</c>, or null.</summary>
    public static string? OfClassifier(string classifier) => Classifiers.GetValueOrDefault(classifier);

    /// <summary>For the text of the old field <c>License</c>: an SPDX expression of the ones known here, or a spelling of one; else null.</summary>
    public static string? OfSpelling(string text) => IsExpression(text) ? text : Spellings.GetValueOrDefault(Key(text));

    /// <summary>Whether a name leaves open which of several licences is meant.</summary>
    public static bool IsVague(string name) => Vague.Contains(Key(name), StringComparer.Ordinal);

    private static bool IsExpression(string text) =>
        text.Split(' ') is { Length: < 20 } words && words.Length % 2 is 1
        && words.Index().All(word => word.Index % 2 is 0 ? Identifiers.Contains(word.Item) : word.Item is "AND" or "OR");

    private static string Key(string text)
    {
        var words = text.ToLowerInvariant().Split([' ', '-', ',', '_'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.StartsWith("gplv", StringComparison.Ordinal) || word.StartsWith("lgplv", StringComparison.Ordinal) || word.StartsWith("agplv", StringComparison.Ordinal) ? word.Replace("plv", "pl", StringComparison.Ordinal) : word)
            .Select(word => word.Length > 1 && word[0] is 'v' && char.IsAsciiDigit(word[1]) ? word[1..] : word);
        return string.Concat(words.Where(word => word is not ("the" or "license" or "licence" or "version")));
    }
}
