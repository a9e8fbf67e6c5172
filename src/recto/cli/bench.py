"""`recto bench`: how fast this machine is with one's own documents."""

from dataclasses import asdict
from math import inf
from pathlib import Path

from recto import config
from recto.cli.terminal import note, say, say_json
from recto.evaluate.speed import QUICK, Figure, Suggestion, measuring


def run(*, home: Path | None, quick: bool, as_json: bool) -> int:
    """Print each figure as it comes, and the suggestion."""
    settings = config.load(home)
    figures: list[Figure] = []
    note(f"measuring on {settings.threads} cores with the documents in {settings.home}; leave the machine alone")
    for result in measuring(settings, QUICK if quick else inf):
        match result:
            case Figure(name, value, unit):
                figures.append(result)
                if not as_json:
                    say(f"{name:<36} {value:>8.3g} {unit}")
            case Suggestion(preset, why):
                if as_json:
                    say_json({"figures": [asdict(figure) for figure in figures], "suggestion": asdict(result)})
                else:
                    say(f"suggested: {preset or 'no model'} ({why})")
    return 0
