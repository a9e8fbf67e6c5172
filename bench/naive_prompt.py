"""The prompt as people write it first: instructions, five chunks of 1,400 characters from the best hits on, a question.

The model, its runtime, the longest answer and the machine are recto's. The instructions are read before the clock
runs, as recto's are, and finding the chunks is not counted.
"""

import time
from collections import deque
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.timed_answers import TimedAnswer

from recto import Library
from recto.config import Writing
from recto.generation import Prompt, Text
from recto.llm import gguf
from recto.llm.llama import Llama, find_runtime
from recto.machine import available_cores
from recto.model_ref import QUOTE
from recto.stop import Stop
from recto.types import Hit
from recto.writing import MOST

CHUNKS, CHUNK = 5, 1400  # characters; what the system of 2025 sent
INSTRUCTIONS = (
    "You are a helpful assistant. Use the context below to answer the question. Be accurate and complete, say which "
    "chunk each statement comes from, in the form [chunk_1], and say so if the context does not hold the answer."
)


def answers(questions: Sequence[str], path: Path, folder: Path) -> list[TimedAnswer | None]:
    """Ask a model's file each question about the library in the folder."""
    with Library(folder, writing=Writing(model=QUOTE)) as library:
        prompts = [prompt(question, library) for question in questions]
    llama = Llama(gguf.read(path), find_runtime(""), threads=available_cores(), logs=folder / "logs")
    times: list[TimedAnswer | None] = []
    with closing(llama):
        deque(llama.stream(Prompt(INSTRUCTIONS, "", ""), most=0, stop=Stop()), maxlen=0)
        for question in prompts:
            start, first_s, tokens = time.monotonic(), 0.0, 0
            for piece in llama.stream(question, most=MOST, stop=Stop()):
                if isinstance(piece, Text):
                    tokens, first_s = tokens + 1, first_s or time.monotonic() - start
            times.append(TimedAnswer(first_s=first_s, total_s=time.monotonic() - start, tokens=tokens))
    return times


def prompt(question: str, library: Library) -> Prompt:
    """The naive prompt for a question."""
    chunks = [
        f"[chunk_{number}] (page {hit.passage.span.page + 1})\n{_chunk(hit, library)}"
        for number, hit in enumerate(library.search(question, k=CHUNKS), 1)
    ]
    return Prompt(INSTRUCTIONS, "\n\n".join(["Context:", *chunks]), f"Question: {question}\n\nAnswer:")


def _chunk(hit: Hit, library: Library) -> str:
    """So many characters from the hit on, from the next pages if its own has fewer."""
    span, text = hit.passage.span, ""
    for number in range(span.page, hit.document.pages):
        text += library.page(hit.document.id, number).text[span.start if number == span.page else 0 :] + "\n"
        if len(text) >= CHUNK:
            break
    return text[:CHUNK]
