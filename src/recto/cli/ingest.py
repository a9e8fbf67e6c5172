"""`recto ingest`: many files into a library on object storage."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recto import wire
from recto.cli.add import say_outcome
from recto.cli.terminal import counted, note, say_json
from recto.errors import UsageProblem
from recto.eta import Eta
from recto.ingest import ingest, prepare_here, sources
from recto.ingest.cluster import prepare_on
from recto.types import AddStatus

TOLD_S = 10.0  # between two lines of how far it is


def run(places: Sequence[str], address: str, *, manifest: Path | None, shards: int, cluster: str, as_json: bool) -> int:
    """Ingest files, in this process or on a Ray cluster; 1 if any of them failed."""
    files = list(sources(places, manifest))
    if not files:
        raise UsageProblem("there is nothing to ingest", hint="recto ingest FOLDER --to lance+s3://BUCKET/PREFIX")
    eta, told_s, counts = Eta(), 0.0, Counter[AddStatus]()
    prepare_all = partial(prepare_on, cluster) if cluster else prepare_here
    for outcome in ingest(files, address, shards=shards, prepare_all=prepare_all):
        counts[outcome.status] += 1
        say_json(wire.added(outcome)) if as_json else say_outcome(outcome)
        if eta.elapsed_s - told_s > TOLD_S:
            told_s, done = eta.elapsed_s, min(counts.total(), len(files))
            left_s = eta.left_s(done, len(files)) or 0.0
            note(f"{done} of {counted(len(files), 'file')} committed, about {left_s / 60:.0f} min left")
    note(", ".join(f"{counts[status]} {status}" for status in AddStatus if counts[status]))
    return int(counts[AddStatus.FAILED] > 0)
