"""What the visitors of a public server hold who have each added a document and looked at one page, in all processes.

    python -m bench.visitors [--json FILE] [--quick]

Once with fifty who are all here, once with 200 of whom five are: the libraries of the others sleep, as they do on a
server a minute after the last request. All share one runtime, in a process set up as `recto serve` sets up its own,
with the application but without clients. Memory is that of all processes once all is encoded and nobody does anything
any more; what they share is counted once (PSS), but for the peak, of which it is counted in each. Linux only.
"""

import argparse
import json
import os
import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench import provenance
from bench.cost_meter import CostMeter, Figures, alone, family, say
from bench.samples import ROOT, short

from recto import Library
from recto.config import Writing
from recto.machine import share_heap
from recto.model_ref import QUOTE
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import MultiTenant, Quota, Tenant

RESULTS = ROOT / "bench" / "results" / "visitors.json"
CROWDS = ((50, 50), (200, 5))  # visitors, and how many of them are here
FEW = ((3, 3), (4, 1))
LIBRARIES = ("onnxruntime", "numpy", "pypdfium2")
LOOK_S = 0.02


def measure(visitors: int, here: int, folder: Path) -> Figures:
    """Megabytes before anybody came, with all of them there, and at the worst moment; what one more visitor costs."""
    folder.mkdir()
    figures, peak_mb = alone(_visit, visitors, here, folder)
    return {**figures, "peak_mb": peak_mb}


def _visit(visitors: int, here: int, folder: Path) -> Figures:
    say(f"{visitors} visitors, {here} of them here")
    share_heap()
    path = short(folder / "document.pdf")
    with ExitStack() as stack:
        owner = stack.enter_context(Library(folder / "owner", writing=Writing(model=QUOTE)))
        quota = Quota(visitors=visitors, sleep_s=0.0)
        tenants = MultiTenant(
            folder / "visitors", quota, lambda own: Library(own, runtime=owner.runtime, temporary=True)
        )
        stack.callback(tenants.close)
        create(tenants, AccessRules(public=True))
        stack.enter_context(owner.hurried())  # encode beside whatever else this machine does
        owner.add(path)
        owner.picture(path.name, 0)
        owner_mb, meter = _held_mb(), CostMeter()
        with owner.reading():  # so that not each of them waits for the processes that read to start
            for number in range(visitors):
                tenant = tenants.tenant(tenants.enter(None, "127.0.0.1"))
                with ExitStack() as visit:
                    visit.enter_context(tenant.awake())
                    _look(tenant, path)
                    if number < here:
                        stack.push(visit.pop_all())
                tenants.sweep()
        all_mb = _held_mb()
        return {
            "visitors": visitors,
            "here": here,
            "owner_mb": owner_mb,
            "all_mb": all_mb,
            "visitor_mb": round((all_mb - owner_mb) / visitors, 2),
            "processes": len(owner.runtime.processes()) + 1,
            "visitor_cpu_s": round(meter.cost()["cpu_s"] / visitors, 3),
        }


def _look(tenant: Tenant, path: Path) -> None:
    """Upload a document and look at its first page."""
    tenant.folder.mkdir(parents=True)
    tenant.accept(path.name, Path(shutil.copy(path, tenant.folder / "upload.pdf")), None)
    while not tenant.uploads.settled():
        time.sleep(LOOK_S)
    tenant.pictures.get(path.name, 0, 800, None)


def _held_mb() -> float:
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in family(os.getpid())]
    return round(sum(int(re.findall(r"^Pss: +(\d+) kB", text, re.MULTILINE)[0]) for text in rollups) * 1024 / 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help=f"where figures go; without --quick {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--quick", action="store_true", help="a smoke test, whose figures say little")
    arguments = parser.parse_args()
    figures: Figures = {"about": provenance.about(LIBRARIES), "crowds": []}
    with tempfile.TemporaryDirectory() as folder:
        for visitors, here in FEW if arguments.quick else CROWDS:
            figures["crowds"].append(measure(visitors, here, Path(folder, f"{visitors}")))
    if target := arguments.json or (None if arguments.quick else RESULTS):
        target.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
