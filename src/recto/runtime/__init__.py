"""What a process holds once, whatever the number of its libraries."""

import subprocess
import threading
from typing import Self

from recto import machine
from recto.config import Settings
from recto.errors import EncoderProblem
from recto.queue import Queue
from recto.runtime.drawing import Drawing
from recto.runtime.encoding import EncodingQueue
from recto.runtime.engines import Engines
from recto.runtime.reading import ReadingPool
from recto.search.encoder import OnnxEncoder
from recto.search.encoders import KINDS


class Runtime:
    """The encoders, the queue that encodes, the processes that read and draw PDFs, the engines, the queue of questions.

    All begin when they are first needed. Use it as a context manager, or close it after its libraries.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.encoding = EncodingQueue(self._release_memory)
        self.reading = ReadingPool()
        self.drawing = Drawing()
        self.engines = Engines(settings)
        # As many questions as there are cores: more at once would only make the first of them as late as the last.
        self.questions = Queue(settings.threads)
        self._lock = threading.Lock()
        self._encoders: dict[str, OnnxEncoder | EncoderProblem] = {}  # those that were needed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and threads."""
        self.engines.close()
        self.drawing.close()
        self.reading.close()
        self.encoding.close()

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """Those that read and draw PDFs at this moment."""
        return [*self.reading.processes(), *self.drawing.processes()]

    def open_encoder(self, name: str) -> OnnxEncoder:
        """The sentence encoder of this name. EncoderProblem if it cannot be loaded."""
        with self._lock:
            if name not in self._encoders:
                try:
                    self._encoders[name] = KINDS[name].open(self.settings.threads)
                except EncoderProblem as problem:
                    self._encoders[name] = problem
            encoder = self._encoders[name]
        if isinstance(encoder, EncoderProblem):
            raise encoder.with_traceback(None)
        return encoder

    def _release_memory(self) -> None:
        """Hold no more than before, once everything is read and encoded."""
        for encoder in list(self._encoders.values()):
            if isinstance(encoder, OnnxEncoder):
                encoder.release_memory()
        machine.release_memory()
