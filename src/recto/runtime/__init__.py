"""What a process holds once, whatever the number of its libraries."""

import subprocess
import threading
from typing import Self

from recto.config import Settings
from recto.errors import EncoderProblem
from recto.queue import Queue
from recto.runtime.drawing import Drawing
from recto.runtime.encoding import EncodingQueue
from recto.runtime.engines import Engines
from recto.runtime.reading import ReadingPool
from recto.search.encoder import MiniLM


class Runtime:
    """The encoder, the queue that encodes, the processes that read and draw PDFs, the engines, the queue of questions.

    All begin when they are first needed. Use it as a context manager, or close it after its libraries.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.encoding = EncodingQueue(self.open_encoder)
        self.reading = ReadingPool()
        self.drawing = Drawing()
        self.engines = Engines(settings)
        # As many questions as there are cores: more at once would only make the first of them as late as the last.
        self.questions = Queue(settings.threads)
        self._lock = threading.Lock()
        self._encoder: MiniLM | EncoderProblem | None = None  # None: nobody has needed it

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

    def open_encoder(self) -> MiniLM:
        """The sentence encoder. EncoderProblem if it cannot be loaded."""
        with self._lock:
            if self._encoder is None:
                try:
                    self._encoder = MiniLM.open(threads=self.settings.threads)
                except EncoderProblem as problem:
                    self._encoder = problem
        if isinstance(self._encoder, EncoderProblem):
            raise self._encoder.with_traceback(None)
        return self._encoder

    @property
    def encoder(self) -> MiniLM | None:
        """The sentence encoder, None if it cannot be loaded: then words alone decide."""
        try:
            return self.open_encoder()
        except EncoderProblem:
            return None
