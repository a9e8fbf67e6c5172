"""How well recto finds, quotes and refuses in other languages, and from one language to another.

    python -m bench.xquad DIR [--languages de es] [--pairs de:en] [--sample 60] [--cache DIR] [--json FILE]

DIR holds `xquad_LANG.jsonl` (one question a line: id, doc, paragraph, question, answer) and
`xquad_LANG_paragraphs.jsonl` (paragraph, doc, text). The paragraphs of a language become the pages of one PDF, printed
by Chromium, and each question is asked of it. In a pair the questions are of the first language and the paragraphs of
the second. `--foreign` asks each question of the PDF of another article as well, which does not answer it.

Printed, a line a language: the right page first, among the first five, the answer's words in the first three quotes,
questions refused though answered, and answered of a foreign article. Libraries are kept in the cache: empty it when
reading has changed. Needs fonts of all scripts (Debian: fonts-noto-core, fonts-wqy-zenhei).
"""

import argparse
import json
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from bench import provenance
from bench.quality import lines
from playwright.sync_api import sync_playwright

from recto import Library
from recto.config import Writing
from recto.events import Found
from recto.model_ref import QUOTE
from recto.types import Answer, Kind, by_quote

LANGUAGES = ("de", "el", "es", "ru", "tr", "ar", "vi", "th", "zh", "hi", "ro")
RIGHT_TO_LEFT = {"ar"}
FIRST = 5
QUOTES = 3
SEED = 7
STYLE = """
@page { size: A4; margin: 2cm }
body { font: 12pt/1.5 'DejaVu Serif', 'Noto Serif', 'Noto Serif Thai', 'Noto Serif Devanagari', 'WenQuanYi Zen Hei' }
body:lang(ar) { font-family: 'DejaVu Sans' }
section { break-after: page }
"""
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one question."""

    rank: int  # of the right page, from 0; a large number if it is not there
    quoted: bool
    refused: bool
    foreign_answered: bool | None
    seconds: float


def html(language: str, texts: Sequence[str]) -> str:
    """Paragraphs as pages to print."""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    sections = "".join(f"<section><p>{escape(text)}</p></section>" for text in texts)
    head = f"<meta charset=utf-8><title>{language}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang={language} dir={direction}><head>{head}</head><body>{sections}</body></html>"


def print_pdfs(texts_of: Mapping[Path, tuple[str, Sequence[str]]]) -> None:
    """Print each file that is not there yet."""
    absent = {path: content for path, content in texts_of.items() if not path.exists()}
    if not absent:
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for path, (language, texts) in absent.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            page.set_content(html(language, texts))
            page.pdf(path=path, prefer_css_page_size=True)
        browser.close()


def make_library(folder: Path, cache: Path, language: str, *, foreign: bool) -> Library:
    """The paragraphs of a language as one PDF, and with `foreign` each article as one of its own."""
    paragraphs = lines(folder / f"xquad_{language}_paragraphs.jsonl")
    shelf = cache / "pdfs" / language
    pdfs = {shelf / f"{language}.pdf": (language, [paragraph["text"] for paragraph in paragraphs])}
    if foreign:
        articles = groupby(sorted(paragraphs, key=_article), key=_article)
        pdfs |= {shelf / f"{doc}.pdf": (language, [row["text"] for row in rows]) for doc, rows in articles}
    print_pdfs(pdfs)
    library = Library(cache / "libraries" / language, writing=Writing(model=QUOTE))
    names = {document.name for document in library.documents()}
    library.add(*(path for path in pdfs if path.name not in names))
    document = library.document(f"{language}.pdf")
    assert document.pages == len(paragraphs), f"{document.name} has {document.pages} pages, not {len(paragraphs)}"
    return library


def _article(row: Row) -> str:
    return str(row["doc"])


def ask(library: Library, question: str, document: str) -> tuple[list[int], Answer]:
    """The pages found, the best first, and the answer."""
    asking = library.ask(question, docs=[document], writes=False)
    pages = [hit.passage.span.page for event in asking if isinstance(event, Found) for hit in event.hits]
    return list(dict.fromkeys(pages)), asking.answer


def flat(text: str) -> str:
    """A text without what printing and reading may change: white space, soft hyphens, forms of letters, capitals."""
    return re.sub(r"[\s\u00ad\u200b-\u200f]+", "", unicodedata.normalize("NFKC", text)).casefold()


def holds_answer(answer: Answer, words: str) -> bool:
    """Whether one of the first quotes has the words."""
    quotes = by_quote(answer.quotes)[:QUOTES]
    return any(flat(words) in flat("\n".join(citation.quote for citation in quote)) for quote in quotes)


def measure(folder: Path, cache: Path, asked: str, told: str, *, sample: int, foreign: bool) -> Iterator[Result]:
    """Ask a sample of the questions of one language about the paragraphs of another, or the same."""
    paragraphs = lines(folder / f"xquad_{told}_paragraphs.jsonl")
    page_of = {row["paragraph"]: number for number, row in enumerate(paragraphs)}
    answer_of = {row["id"]: row["answer"] for row in lines(folder / f"xquad_{told}.jsonl")}
    articles = sorted({_article(row) for row in paragraphs})
    rows = lines(folder / f"xquad_{asked}.jsonl")
    random = np.random.default_rng(SEED)
    chosen = sorted(random.permutation(len(rows))[: sample or len(rows)])
    with make_library(folder, cache, told, foreign=foreign) as library:
        for number in chosen:
            row, began = rows[number], time.process_time()
            pages, answer = ask(library, row["question"], f"{told}.pdf")
            seconds = time.process_time() - began
            right = page_of[row["paragraph"]]
            answered = None
            if foreign:
                others = [article for article in articles if article != row["doc"]]
                other = others[int(random.integers(len(others)))]
                answered = ask(library, row["question"], f"{other}.pdf")[1].kind != Kind.ABSTAINED
            yield Result(
                rank=pages.index(right) if right in pages else len(page_of),
                quoted=holds_answer(answer, answer_of[row["id"]]),
                refused=answer.kind == Kind.ABSTAINED,
                foreign_answered=answered,
                seconds=seconds,
            )


def figures(results: Sequence[Result]) -> dict[str, float]:
    """Shares of the questions, and seconds of CPU a question."""
    table: dict[str, list[float]] = {
        "first": [result.rank == 0 for result in results],
        "among five": [result.rank < FIRST for result in results],
        "answer quoted": [result.quoted for result in results],
        "refused": [result.refused for result in results],
        "foreign answered": [result.foreign_answered for result in results if result.foreign_answered is not None],
        "CPU s": [result.seconds for result in results],
    }
    return {name: round(float(np.mean(values)), 3) for name, values in table.items() if values}


def show(name: str, row: dict[str, float]) -> None:
    print(f"{name:8}", *(f"{title} {value:.3f}  " for title, value in row.items()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the folder with questions and paragraphs")
    parser.add_argument("--languages", nargs="*", default=LANGUAGES, help=f"else {' '.join(LANGUAGES)}")
    parser.add_argument("--pairs", nargs="*", default=(), metavar="ASKED:TOLD", help="in place of single languages")
    parser.add_argument("--sample", type=int, default=0, help="so many questions of each language, else all")
    parser.add_argument("--foreign", action="store_true", help="ask each question of another article as well")
    parser.add_argument("--cache", type=Path, help="where PDFs and libraries are kept between runs")
    parser.add_argument("--json", type=Path, help="where figures go, if anywhere")
    arguments = parser.parse_args()
    pairs = [pair.split(":") for pair in arguments.pairs] or [(name, name) for name in arguments.languages]
    rows: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for asked, told in pairs:
            results = measure(
                arguments.folder,
                arguments.cache or Path(temporary),
                asked,
                told,
                sample=arguments.sample,
                foreign=arguments.foreign,
            )
            name = asked if asked == told else f"{asked}:{told}"
            show(name, rows.setdefault(name, figures(list(results))))
    titles = list(next(iter(rows.values())))
    show("mean", {title: round(float(np.mean([row[title] for row in rows.values()])), 3) for title in titles})
    if arguments.json:
        arguments.json.write_text(json.dumps({"about": provenance.about(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
