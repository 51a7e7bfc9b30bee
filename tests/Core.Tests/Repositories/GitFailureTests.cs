using DotnetRelease.Processes;
using DotnetRelease.Repositories;
using DotnetRelease.Repositories.Git;

namespace DotnetRelease.Core.Tests.Repositories;

/// <summary>Words of git, git-lfs and their servers, and what they become (case 59).</summary>
[TestClass]
public sealed class GitFailureTests
{
    private static readonly GitAddress Address = (GitAddress)StoreAddress.Of("git+https://github.com/o/r");

    [TestMethod]
    [DataRow("! [rejected]        HEAD -> main (fetch first)\nerror: failed to push some refs", "REL5005", "changed by somebody else meanwhile")]
    [DataRow("!\tHEAD:refs/heads/main\t[rejected] (non-fast-forward)", "REL5005", "nothing was pushed over it")]
    [DataRow("remote: error: GH006: Protected branch update failed for refs/heads/main.\n! [remote rejected] HEAD -> main (protected branch hook declined)", "REL5008", "does not take pushes to branch 'main'")]
    [DataRow("remote: error: GH008: Your push referenced at least 1 unknown Git LFS object", "REL5008", "misses an object")]
    [DataRow("LFS: (missing) x.rpm (e3b0c442): missing LFS object", "REL5008", "misses an object")]
    [DataRow("batch response: This repository is over its data quota. Account responsible for LFS bandwidth should purchase more data packs", "REL5008", "has no room")]
    [DataRow("LFS: Client error: https://lfs.example/objects/x from HTTP 413", "REL5008", "has no room")]
    [DataRow("fatal: Authentication failed for 'https://github.com/o/r/'", "REL5007", "did not let us in")]
    [DataRow("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "REL5007", "did not let us in")]
    [DataRow("fatal: unable to access 'https://github.com/o/r/': Could not resolve host: github.com", "REL5007", "could not be reached")]
    [DataRow("", "REL5007", "could not be reached")]
    public void A_failed_push_says_what_to_do(string words, string id, string text)
    {
        var failure = GitFailure.OfPush(Address, "main", new Outcome(1, default, words));

        Assert.AreEqual(id, failure.Fault.Id);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, failure.Remedy.Length);
    }

    [TestMethod]
    [DataRow("batch response: This repository is over its data quota. Account responsible for LFS bandwidth should purchase more data packs", "REL5008", "has no room")]
    [DataRow("[4130000000000000000000000000000000000000000000000000000000000507] Too big: [413] Too big", "REL5008", "has no room")]
    [DataRow("LFS: The role is missing for 4130000000000000000000000000000000000000000000000000000000000507", "REL5008", "did not take the packages")]
    [DataRow("LFS: Put \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1: connect: connection refused", "REL5007", "could not be reached")]
    [DataRow("batch response: Authorization error: https://lfs.example/objects/batch", "REL5007", "did not let us in")]
    public void Objects_that_were_not_taken_say_what_to_do(string words, string id, string text)
    {
        var failure = GitFailure.OfObjects(Address, new Outcome(2, default, words + "\rUploading LFS objects:   0% (0/2), 0 B | 0 B/s, done.\n"));

        Assert.AreEqual(id, failure.Fault.Id);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Uploading", failure.Message, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, failure.Remedy.Length);
    }

    [TestMethod]
    public void Long_words_and_hints_are_cut()
    {
        var failure = GitFailure.Of(Address, new Outcome(128, default, new string('x', 5000) + "\nhint: do that\n"));

        Assert.IsLessThan(700, failure.Message.Length);
        Assert.DoesNotContain("hint", failure.Message, StringComparison.Ordinal);
    }
}
