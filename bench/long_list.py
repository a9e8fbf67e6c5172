"""Measure the page with many documents in Chromium: how long its list takes to be made, scrolled, ordered and found in.

    python -m bench.long_list [--documents 1000] [--json FILE]

The documents are what the server says (`/api/documents` and what goes with it are answered here, with as many entries
as are asked for), so that nothing has to be read. Each act is done while Chromium traces itself; *layout* and *style*
are its longest single tasks of these kinds, *script* its longest call, in milliseconds.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from bench import provenance
from bench.clicking import CHROMIUM
from bench.cost_meter import Figures
from playwright.sync_api import Browser, Page, Route, sync_playwright

KINDS = {  # names in Chromium's trace
    "layout": {"Layout"},
    "style": {"UpdateLayoutTree", "RecalculateStyles"},
    "script": {"FunctionCall", "EvaluateScript"},
}
SHELVES = 20  # collections, so that the list has heads
WIDTH, HEIGHT = 1440, 900


def entries(count: int) -> list[dict[str, Any]]:
    """Documents as the server lists them: one in three in a collection, one in ten with a problem."""
    problem = {"kind": "no_ocr", "message": "3 pages hold pictures of text, and tesseract is missing", "hint": ""}
    return [
        {
            "id": f"{number:064x}",
            "name": f"Report {number} on the state of the works.pdf",
            "title": "",
            "pages": 1 + number % 90,
            "size": 100_000 + number,
            "added": 1e9 + number,
            "collections": [f"Shelf {number % SHELVES}"] if number % 3 == 0 else [],
            "page_flags": {"text": 1, "ocr": number % 4, "garbled": 0, "empty": 0},
            "hidden_words": 0,
            "passages": 4,
            "unencoded_passages": 0,
            "bytes": 100_000 + number,
            "problems": [problem] if number % 10 == 0 else [],
        }
        for number in range(count)
    ]


def scrolled(page: Page) -> None:
    """Scroll the list to its end, as far as it goes each time."""
    page.evaluate(
        """async () => {
          const shelf = document.querySelector('.shelf')
          for (let before = -1; shelf.scrollHeight !== before;) {
            before = shelf.scrollHeight
            shelf.scrollTop = before
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 30)))
          }
        }"""
    )


def opened(page: Page) -> None:
    """Load the page, until the list stands."""
    page.reload()
    page.locator("#documents .document").first.wait_for()


ACTS: dict[str, Callable[[Page], object]] = {
    "open": opened,
    "scroll to the end": scrolled,
    "order by name": lambda page: page.locator("#sort").select_option("name"),
    "find": lambda page: page.locator("#filter").press_sequentially("works 9"),
    "find nothing more": lambda page: page.locator("#filter").fill(""),
    "tick a collection": lambda page: page.get_by_label("Ask only Shelf 3", exact=True).check(),
    "only those with problems": lambda page: page.locator("#troubled").click(),
}


def measure(browser: Browser, url: str, count: int) -> Figures:
    """For each act its longest layout, style and script, in milliseconds."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    listed, shelves = entries(count), [{"id": f"s{n}", "name": f"Shelf {n}", "documents": 1} for n in range(SHELVES)]
    whole = {"documents": count, "bytes": 1e9, "unencoded_passages": 0, "troubled": count // 10}
    for path, answer in (("documents", listed), ("collections", shelves), ("totals", whole), ("removals", [])):
        page.route(f"**/api/{path}", partial(fulfilled, answer))
    page.goto(url)
    return {name: traced(browser, page, act) for name, act in ACTS.items()}


def fulfilled(answer: object, route: Route) -> None:
    """Answer in the server's place."""
    route.fulfill(json=answer)


def traced(browser: Browser, page: Page, act: Callable[[Page], object]) -> dict[str, float]:
    """The longest task of each kind while an act is done."""
    browser.start_tracing(page=page, categories=["devtools.timeline", "v8"])
    act(page)
    page.wait_for_timeout(300)  # what follows in later frames
    events = json.loads(browser.stop_tracing())["traceEvents"]
    return {
        kind: round(max((event.get("dur", 0) / 1000 for event in events if event["name"] in names), default=0.0), 1)
        for kind, names in KINDS.items()
    }


@contextmanager
def served(home: Path) -> Iterator[str]:
    """A server of an empty library."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "recto", "serve", "--home", str(home), "--port", str(port), "--model", "quote"]
    process = subprocess.Popen([*command, "--no-open"], stderr=subprocess.DEVNULL, env=dict(os.environ))
    url = f"http://127.0.0.1:{port}"
    try:
        httpx2.Client(transport=httpx2.HTTPTransport(retries=20)).get(f"{url}/readyz")
        yield url
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        figures: Figures = {"about": provenance.about(("playwright",)), "documents": arguments.documents}
        figures["acts"] = measure(browser, url, arguments.documents)
        browser.close()
    for name, own in figures["acts"].items():
        print(f"{name:26}", "  ".join(f"{kind} {value:7.1f}" for kind, value in own.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
