"""What an engine's own answers teach about its speed."""

from collections.abc import Iterator
from contextlib import contextmanager

from recto.errors import NothingWritten
from recto.llm.engine import Engine
from recto.llm.speeds import Speeds, Stopwatch
from recto.stop import Stopped


@contextmanager
def learning(engine: Engine, speeds: Speeds, watch: Stopwatch) -> Iterator[None]:
    """Learn from the time that the block takes, also where it is stopped; not from an engine that fails."""
    try:
        yield
    except (NothingWritten, Stopped, GeneratorExit):
        if watch.spoke:
            engine.learn(speeds.corrected(watch.timing()))
        raise
    if watch.spoke:
        engine.learn(speeds.corrected(watch.timing()))
