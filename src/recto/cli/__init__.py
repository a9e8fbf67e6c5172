"""The command line: answers on standard output, progress on standard error. What costs time to import waits."""

from recto.cli import collections, feedback_commands, history_commands, tokens  # noqa: F401 - they bring commands
from recto.cli.commands import INTERRUPTED, main, recto

__all__ = ["INTERRUPTED", "main", "recto"]
