"""The command line: answers on standard output, progress on standard error. What costs time to import waits."""

from recto.cli import collections, tokens  # noqa: F401 - they bring commands of their own
from recto.cli.commands import INTERRUPTED, main, recto

__all__ = ["INTERRUPTED", "main", "recto"]
