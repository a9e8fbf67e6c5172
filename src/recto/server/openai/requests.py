"""What a client asks, out of a request that holds much more: the rest is accepted, and passed over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from recto.server.openai.chores import chore
from recto.server.problems import Refused

RECTO, QUOTES = "recto", "recto-quotes"  # the models: quotes and a model's words, quotes alone
MODELS = (RECTO, QUOTES)
LONGEST = 2000  # characters of an earlier question that can matter
EARLIER = 8  # questions that a follow-up may lean on, through one another
TEXT = ("text", "input_text", "output_text")
NO_WORDS = ("refusal",)


class ContentPart(BaseModel):
    """A piece of a message."""

    type: str = "text"
    text: str = ""


class Message(BaseModel):
    """A message, or of responses any item; what has no role is none."""

    role: str = ""
    content: str | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        """Its words. Refused if it has anything else, such as an image."""
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        for part in self.content:
            if part.type not in (*TEXT, *NO_WORDS):
                raise Refused(
                    400, "unsupported_content", f"recto reads text, no {part.type[:40]!r}", hint="send text alone"
                )
        return self._words

    @property
    def _words(self) -> str:
        parts = [ContentPart(text=self.content)] if isinstance(self.content, str) else self.content or []
        return "\n".join(part.text for part in parts if part.type in TEXT)

    @property
    def earlier_question(self) -> str:
        """Its words, on one line, as far as they matter later; an image beside them was refused when it came."""
        return " ".join(self._words[: 2 * LONGEST].split())[:LONGEST]


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A request to `/v1/chat/completions`, as far as it is read."""

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None


class ResponsesRequest(BaseModel):
    """A request to `/v1/responses`, as far as it is read."""

    model: str
    input: str | list[Message]
    stream: bool | None = False
    previous_response_id: str | None = None
    conversation: Any = None
    metadata: dict[str, str] | None = None

    @property
    def messages(self) -> list[Message]:
        """The input as messages. Refused if it goes on with what this server should have kept."""
        if self.previous_response_id or self.conversation:
            raise Refused(400, "not_kept", "recto keeps no conversations", hint="send the earlier messages in `input`")
        return [Message(role="user", content=self.input)] if isinstance(self.input, str) else self.input


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A question and the questions before it; or what to say at once, without asking the documents."""

    question: str
    earlier: Sequence[str] = ()
    said: str | None = None


def conversation(messages: Iterable[Message]) -> Conversation:
    """The last question of a conversation. Refused if there is none."""
    asked = [message for message in messages if message.role == "user"]
    if not asked:
        raise Refused(400, "no_question", "there is no message of the role 'user'", hint="end with a question")
    *earlier, last = asked
    question = last.text
    if not earlier and (answer := chore(question)) is not None:
        return Conversation(question=question, said=answer)
    texts = [message.earlier_question for message in earlier[-EARLIER:]]
    return Conversation(question=question, earlier=[text for text in texts if text])


def check_model(name: str) -> None:
    """Refused if there is no such model."""
    if name not in MODELS:
        raise Refused(404, "model_not_found", f"there is no model {name[:80]!r}", hint=f"take {' or '.join(MODELS)}")
