"""The shape of `/v1/responses`: https://platform.openai.com/docs/api-reference/responses."""

import secrets
import time
from collections.abc import Iterator
from itertools import count

from recto.server.openai.reply import Piece, Reply, SourceSpan, tokens
from recto.server.stream import frame
from recto.wire import Json


class Responses:
    """One answer: in one piece, or in events, which have the names of their types here."""

    def __init__(self, model: str, question: str, reply: Reply, *, metadata: dict[str, str] | None) -> None:
        self._model, self._question, self._reply, self._metadata = model, question, reply, metadata or {}
        self._key, self._message = f"resp_{secrets.token_hex(12)}", f"msg_{secrets.token_hex(12)}"
        self._created, self._numbers, self._annotations = int(time.time()), count(), count()

    def begun(self) -> str:
        """The first events."""
        beginning = [
            self._event("response.created", response=self._response("in_progress")),
            self._event("response.in_progress", response=self._response("in_progress")),
            self._event("response.output_item.added", output_index=0, item=self._item("in_progress", [])),
            self._event("response.content_part.added", **self._place(), part=_part("", [])),
        ]
        return "".join(beginning)

    def frame(self, piece: Piece) -> str:
        """The events of a piece."""
        match piece:
            case str():
                return self._event("response.output_text.delta", **self._place(), delta=piece, logprobs=[])
            case SourceSpan():
                return "".join(
                    self._event(
                        "response.output_text.annotation.added",
                        **self._place(),
                        annotation_index=next(self._annotations),
                        annotation=annotation,
                    )
                    for annotation in annotations(piece)
                )
            case _:
                return self._event("response.in_progress", response=self._response("in_progress"), recto=piece)

    def ended(self) -> str:
        """The last events."""
        content = self._content()
        end = [
            self._event("response.output_text.done", **self._place(), text=self._reply.content, logprobs=[]),
            self._event("response.content_part.done", **self._place(), part=content[0]),
            self._event("response.output_item.done", output_index=0, item=self._item("completed", content)),
            self._event("response.completed", response=self.whole()),
        ]
        return "".join(end)

    def failed(self, error: Json) -> str:
        """What ends a stream in its middle."""
        problem = {"code": "server_error", "message": error["error"]["message"]}
        return self._event("response.failed", response={**self._response("failed"), "error": problem})

    def whole(self) -> Json:
        """The answer in one piece."""
        read, written = tokens(self._question), tokens(self._reply.content)
        usage = {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        }
        output = [self._item("completed", self._content())]
        outcome = {"recto": self._reply.outcome()} if self._reply.answer else {}
        return {**self._response("completed"), "output": output, "usage": usage, **outcome}

    def _response(self, status: str) -> Json:
        return {
            "id": self._key,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "model": self._model,
            "output": [],
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": self._metadata,
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "usage": None,
        }

    def _item(self, status: str, content: list[Json]) -> Json:
        return {"id": self._message, "type": "message", "role": "assistant", "status": status, "content": content}

    def _content(self) -> list[Json]:
        """The one part of the message."""
        places = [annotation for source in self._reply.sources for annotation in annotations(source)]
        return [_part(self._reply.content, places)]

    def _place(self) -> Json:
        """Where words are added."""
        return {"item_id": self._message, "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **more: object) -> str:
        return frame(kind, {"type": kind, "sequence_number": next(self._numbers), **more})


def _part(text: str, places: list[Json]) -> Json:
    return {"type": "output_text", "text": text, "annotations": places, "logprobs": []}


def annotations(source: SourceSpan) -> Iterator[Json]:
    """What a stretch of the content rests on: the page that shows it, and the file."""
    place = {"start_index": source.start, "end_index": source.end, "title": source.title, "url": source.url}
    yield {"type": "url_citation", **place}
    document = source.citation.document
    yield {"type": "file_citation", "file_id": document.id, "filename": document.name, "index": source.end}
