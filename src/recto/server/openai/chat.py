"""The shape of `/v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat."""

import secrets
import time

from recto import wire
from recto.server.openai.reply import Piece, Reply, SourceSpan, tokens
from recto.wire import Json

END = "data: [DONE]\n\n"


class Chat:
    """One answer: in one piece, or in chunks. Events have no names: the official client takes each for a chunk."""

    def __init__(self, model: str, question: str, reply: Reply, *, usage: bool) -> None:
        """`usage`: whether the stream ends with the tokens that it had."""
        self._model, self._question, self._reply, self._usage = model, question, reply, usage
        self._key, self._created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())

    def begun(self) -> str:
        """The first chunk."""
        return self._chunk({"role": "assistant", "content": ""})

    def frame(self, piece: Piece) -> str:
        """The chunk of a piece."""
        match piece:
            case str():
                return self._chunk({"content": piece})
            case SourceSpan():
                return self._chunk({"annotations": [annotation(piece)]})
            case _:
                return self._chunk({}, recto=piece)

    def ended(self) -> str:
        """The last chunks."""
        last = self._chunk({}, finish="stop", **self._outcome())
        usage = _data({**self._head(streamed=True), "choices": [], "usage": self._tokens()}) if self._usage else ""
        return f"{last}{usage}{END}"

    def failed(self, error: Json) -> str:
        """What ends a stream in its middle."""
        return _data(error)

    def whole(self) -> Json:
        """The answer in one piece."""
        message = {
            "role": "assistant",
            "content": self._reply.content,
            "refusal": None,
            "annotations": [annotation(source) for source in self._reply.sources],
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head(streamed=False), "choices": [choice], "usage": self._tokens(), **self._outcome()}

    def _head(self, *, streamed: bool) -> Json:
        kind = f"chat.completion{'.chunk' * streamed}"
        return {"id": self._key, "object": kind, "created": self._created, "model": self._model}

    def _chunk(self, delta: Json, *, finish: str | None = None, **more: Json) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._head(streamed=True), "choices": [choice], **more})

    def _outcome(self) -> Json:
        return {"recto": self._reply.outcome()} if self._reply.answer else {}

    def _tokens(self) -> Json:
        prompt, completion = tokens(self._question), tokens(self._reply.content)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def annotation(source: SourceSpan) -> Json:
    """What a stretch of the content rests on."""
    place = {"start_index": source.start, "end_index": source.end, "title": source.title, "url": source.url}
    return {"type": "url_citation", "url_citation": place}


def _data(value: Json) -> str:
    return f"data: {wire.text(value)}\n\n"
