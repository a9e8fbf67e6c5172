"""The command line: answers on standard output, progress on standard error. What costs time to import waits."""

from recto.cli import feedback_commands as feedback_commands
from recto.cli import history_commands as history_commands
from recto.cli.commands import INTERRUPTED, main, recto

__all__ = ["INTERRUPTED", "main", "recto"]
