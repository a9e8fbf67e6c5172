"""Answers as rows keep them, in the JSON that every door gives, and back."""

import json
import zlib
from dataclasses import replace

from recto import from_wire, wire
from recto.types import Answer

NEAREST = 3  # hits that are kept of an answer that is none: what is shown of them


def packed_answer(answer: Answer) -> bytes:
    """An answer as a row keeps it. What a PDF holds need not be valid Unicode, which JSON escapes."""
    value = wire.answer(replace(answer, nearest=answer.nearest[:NEAREST]))
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def answer_of(content: bytes) -> Answer:
    """Read what `packed_answer` made."""
    return from_wire.answer(json.loads(zlib.decompress(content)))
