using System.Collections.Immutable;
using DotnetRelease.Containers.Wire;

namespace DotnetRelease.Holder;

/// <summary>The two forms in which a request is answered.</summary>
internal static class Answer
{
    internal static Message Done(long id, long number = 0, string text = "", int descriptor = -1) =>
        new Message { Descriptors = descriptor < 0 ? [] : [descriptor] }.Write(id).Write((int)Reply.Done).Write(number).Write(text).Write([]);

    internal static Message Done(long id, ImmutableArray<string> texts) =>
        new Message().Write(id).Write((int)Reply.Done).Write(texts.Length).Write("").Write(texts);

    internal static Message Started(long id, int terminal) => new Message { Descriptors = terminal < 0 ? [] : [terminal] }.Write(id).Write((int)Reply.Started);

    internal static Message Failed(long id, ReleaseException failure) =>
        new Message().Write(id).Write((int)Reply.Failed).Write(failure.Fault.Id).Write(failure.Message).Write(failure.Remedy);
}
