"""The server's edge: the one place that catches what nobody foresaw, so that no thread dies of it unseen."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from recto.errors import InternalError, RectoError

_log = logging.getLogger(__name__)


@contextmanager
def reporting(report: Callable[[RectoError], None]) -> Iterator[None]:
    """Hand whatever goes wrong in the block to `report`, which shows it to whoever waits; nothing is raised.

    An error that is not recto's own is logged with its traceback, and reported as InternalError.
    """
    try:
        yield
    except RectoError as error:
        report(error)
    except Exception as error:  # noqa: BLE001 - the server's edge: what comes is logged and shown
        _log.error("an error that recto was not prepared for", exc_info=error)
        report(InternalError(f"{type(error).__name__}: {error}", hint="read the server's log, and try again"))
