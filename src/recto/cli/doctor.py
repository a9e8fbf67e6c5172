"""`recto doctor`: what was found on this machine."""

from pathlib import Path

from recto.cli.messages import t
from recto.cli.terminal import say, say_json
from recto.library import doctor


def run(*, home: Path | None, as_json: bool) -> int:
    """Print what was found; hints stand where something is missing."""
    findings = doctor.examine(home)
    if as_json:
        say_json({finding.name: {"found": finding.value, "hint": finding.hint} for finding in findings})
        return 0
    for finding in findings:
        say(f"{finding.name:<12} {finding.words}")
        if finding.hint:
            say(f"{'':<10} {t('mend', hint=finding.hint)}")
    return 0
