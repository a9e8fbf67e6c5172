"""From an engine's first use to its end: a closed one writes no more, whoever still asks it."""

from collections.abc import Iterator
from contextlib import contextmanager

from recto.errors import EngineClosed, EngineProblem
from recto.stop import Stop, Stopped

LOAD_LIMIT_S = 300.0  # for a model to be loaded: an engine is silent meanwhile


def closed_problem(name: str) -> EngineClosed:
    """What is said to whoever needs an engine that was closed."""
    return EngineClosed(f"{name} was closed: another model was chosen, or recto ends", hint="ask again")


class Lifetime:
    """How long an engine may be used."""

    def __init__(self) -> None:
        self._end = Stop()

    def end(self) -> None:
        """End what is under way, and refuse what comes."""
        self._end.pull()

    @contextmanager
    def brake(self, name: str, stop: Stop) -> Iterator[Stop]:
        """The brake of one stream: pulled with the caller's own, and at the engine's end.

        Whatever goes wrong then is EngineClosed, unless the caller has stopped it.
        """
        brake = Stop()
        with stop.doing(brake.pull), self._end.doing(brake.pull):
            try:
                brake.check()
                yield brake
            except (Stopped, EngineProblem) as error:
                if self._end.pulled and not stop.pulled:
                    raise closed_problem(name) from error
                raise
