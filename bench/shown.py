"""Whether what is shown holds the answer, and where it was lost: questions asked as people ask them, without a model.

    python -m bench.shown --eval DIR [--cache DIR] [--json FILE] [--list] [--set NAME ...]

DIR is that of `bench.quality`; the shipped questions are sets as well. Each question is asked of its own document.

An answer is literal if its words stand on a labelled page: white space, capitals, thousands separators, $ and % aside,
a number only as a whole, a list only with all its items. "Yes", "no" and a single character stand everywhere, so they
are never literal. For literal answers: is a page that holds the answer among the five that are searched for sentences,
is the answer in the first quote, in all, in the text around them, and in what is shown of labelled pages alone (words
may stand elsewhere by chance). By where the answer stands: in a row of a table, in a list, in prose. An answer that is
a number but not literal is a figure worked out; of it, as of all questions, only whether its page is quoted is judged.

FILE names questions by their ids; their words are only printed.
"""

import argparse
import ast
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench import provenance
from bench.abstention import SHELVES, SHIPPED
from bench.quality import SETS, added, lines
from bench.samples import ROOT
from bench.text_documents import put_texts

from recto import Library
from recto.config import Writing
from recto.evaluate import questions as question_file
from recto.evaluate.outcomes import Labels
from recto.evaluate.questions import Question
from recto.events import Found
from recto.library.quoting import PAGES
from recto.model_ref import QUOTE
from recto.search.encoder import MiniLM
from recto.store.sqlite import SqliteStore
from recto.text.sentences import is_item, is_row, sentences
from recto.text.verbatim import QUOTED_CHARACTER, spaced
from recto.types import Document, Hit, Span, by_quote

RESULTS = ROOT / "bench" / "results" / "shown.json"
LIBRARIES = ("numpy", "onnxruntime", "pypdfium2", "simsimd", "tokenizers")
XQUAD = "xquad"
REFUSED, CLOSEST = "abstained", "closest"  # kinds of answers
PROSE, ROW, LIST, WORKED_OUT, REWORDED = "prose", "row", "list", "figure worked out", "other words"
LITERAL = (PROSE, ROW, LIST)
PAGE_LOST, SENTENCE_LOST = "page not among five", "other sentence"

_TOO_SHORT = re.compile(r"\W*(?:yes|no|\w?)\W*", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(?!\w)")
_GAP = re.compile(r"[\s$%]+")
_ALIKE = {sign: f"[{re.escape(signs)}]" for signs in ("'‘’", '"“”', "-‐‑–—−") for sign in signs}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralAnswer:
    """An answer whose items all stand on labelled pages."""

    items: Sequence[re.Pattern[str]]
    pages: frozenset[int]  # that hold one of them
    kind: str
    evidence: str  # the sentence or row that holds the first item

    def share(self, text: str) -> float:
        """The share of the items that a text holds."""
        return sum(item.search(text) is not None for item in self.items) / len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAnswer:
    """What was shown for one question. Shares are of the answer's items, 0 if the answer is not literal."""

    question: Question
    kind: str
    evidence: str
    page_among_five: bool
    page_quoted: bool
    evidence_quote: int | None  # which quote holds labelled evidence, from 1; 0 if none does, None without a label
    outcome: str  # the kind of the answer
    first: float
    all_quotes: float
    context: float
    on_labelled_page: float
    characters: int
    characters_in_context: int
    quotes: Sequence[str]

    @property
    def lost(self) -> str:
        """The first stage at which the answer was lost; empty if it is shown."""
        if self.context == 1:
            return ""
        if not self.page_among_five:
            return PAGE_LOST
        return "refused" if self.outcome == REFUSED else SENTENCE_LOST


def answer_items(answer: str) -> list[str]:
    """The items of an answer that is a list, written as Python writes it; else the answer itself."""
    try:
        value = ast.literal_eval(answer.strip())
    except (ValueError, SyntaxError):
        value = answer
    return [str(item) for item in value] if isinstance(value, list) else [answer]


def literal_pattern(words: str) -> re.Pattern[str] | None:
    """What finds these words in a text; None if they are too short to tell anything."""
    if _TOO_SHORT.fullmatch(words):
        return None
    chunks = [_chunk_pattern(chunk) for chunk in _GAP.split(words.strip().rstrip(".")) if chunk]
    return re.compile(_GAP.pattern.join(chunks), re.IGNORECASE)


def _chunk_pattern(chunk: str) -> str:
    """A pattern of words without a gap; what is in front and behind must not go on with them."""
    if QUOTED_CHARACTER.search(chunk):  # a script without spaces: nobody can tell where a word ends
        return spaced(chunk)
    pattern, end = "", 0
    for number in _NUMBER.finditer(chunk):
        whole, fraction = number[1].replace(",", ""), (number[2] or "").rstrip("0")
        grouped = whole if whole.startswith("0") else f"{int(whole):,}".replace(",", ",?")
        decimals = rf"\.{fraction}0*" if fraction else r"(?:\.0+)?"
        pattern += _escaped(chunk[end : number.start()]) + rf"(?<![\w])(?<!\d[.,]){grouped}{decimals}(?!\w|[.,]\d)"
        end = number.end()
    pattern += _escaped(chunk[end:])
    return (r"(?<!\w)" if chunk[0].isalnum() else "") + pattern + (r"(?!\w)" if chunk[-1].isalnum() else "")


def _escaped(text: str) -> str:
    return "".join(_ALIKE.get(character) or re.escape(character) for character in text)


def literal_answer(answer: str, pages: Mapping[int, str], evidence: Sequence[Span]) -> LiteralAnswer | None:
    """Look an answer up on its labelled pages, first in the evidence; None if it does not stand there."""
    items = [pattern for item in answer_items(answer) if (pattern := literal_pattern(item))]
    if not items or len(items) < len(answer_items(answer)):
        return None
    if not all(any(item.search(text) for text in pages.values()) for item in items):
        return None
    places = [(page, match.start()) for page, text in pages.items() for match in items[0].finditer(text)]
    labelled = (
        (page, at) for page, at in places if any(span.page == page and span.start <= at < span.end for span in evidence)
    )
    page, at = next(labelled, places[0])
    text = pages[page]
    start, end = next(place for place in sentences(text) if at < place[1])
    line = text[text.rfind("\n", 0, at) + 1 :].split("\n", 1)[0].strip()
    in_row = is_row(line) or not any(map(str.isalpha, line))  # a cell may be a line of its own
    in_list = len(items) > 1 or is_item(text[start:end])
    return LiteralAnswer(
        items=items,
        pages=frozenset(page for page, text in pages.items() if any(item.search(text) for item in items)),
        kind=ROW if in_row else LIST if in_list else PROSE,
        evidence=text[start:end],
    )


def ask(question: Question, document: Document, library: Library) -> ShownAnswer:
    """Ask a question of its document, and look at what is shown."""
    labels = Labels.of(question, document, library)
    texts = {page: library.page(document.id, page).text for page in question.pages}
    literal = literal_answer(question.answer, texts, labels.sentences)
    asking = library.ask(question.text, docs=[document.id])
    hits: Sequence[Hit] = ()
    for event in asking:
        if isinstance(event, Found):
            hits = event.hits
    answer = asking.answer
    groups = by_quote(answer.quotes)
    quoted = ["\n".join(citation.quote for citation in group) for group in groups]
    around = [
        "\n".join(dict.fromkeys(citation.context.text if citation.context else citation.quote for citation in group))
        for group in groups
    ]
    labelled = [group[-1].span.page in question.pages for group in groups]

    def share(texts: Sequence[str]) -> float:
        return literal.share("\n\n".join(texts)) if literal else 0.0

    number = len(answer_items(question.answer)) == 1 and _NUMBER.fullmatch(question.answer.strip(" $%-−.\n"))
    pages = literal.pages if literal else question.pages
    return ShownAnswer(
        question=question,
        kind=literal.kind if literal else WORKED_OUT if number else REWORDED,
        evidence=literal.evidence if literal else "",
        page_among_five=any(hit.passage.span.page in pages for hit in hits[:PAGES]),
        page_quoted=any(labelled),
        evidence_quote=labels.sentence(answer),
        outcome=str(answer.kind),
        first=share(quoted[:1]),
        all_quotes=share(quoted),
        context=share([*quoted, *around]),
        on_labelled_page=share([*np.compress(labelled, quoted), *np.compress(labelled, around)]),
        characters=sum(map(len, quoted)),
        characters_in_context=sum(map(len, around)),
        quotes=quoted,
    )


def figures(answers: Sequence[ShownAnswer]) -> dict[str, Any]:
    """The figures of one set: of all questions, by kind, of all literal answers; where those are lost, by id."""
    literal = [answer for answer in answers if answer.kind in LITERAL]
    groups = {kind: [answer for answer in answers if answer.kind == kind] for kind in (*LITERAL, WORKED_OUT, REWORDED)}
    groups = {"all questions": list(answers), **groups, "literal": literal}
    return {
        "groups": {name: group_figures(group) for name, group in groups.items() if group},
        "lost": {answer.question.id: f"{answer.kind}: {answer.lost}" for answer in literal if answer.lost},
    }


def group_figures(answers: Sequence[ShownAnswer]) -> dict[str, float]:
    """Shares of these questions, of those with labelled evidence, and, if all answers are literal, of answers."""
    quotes = [answer.evidence_quote for answer in answers if answer.evidence_quote is not None]
    row = {
        "questions": len(answers),
        "page among five": _mean([answer.page_among_five for answer in answers]),
        "page quoted": _mean([answer.page_quoted for answer in answers]),
        "refused": _mean([answer.outcome == REFUSED for answer in answers]),
        "closest": _mean([answer.outcome == CLOSEST for answer in answers]),
        "characters": round(_mean([answer.characters for answer in answers])),
        "in context": round(_mean([answer.characters_in_context for answer in answers])),
    }
    if quotes:
        row["evidence known"] = len(quotes)
        row["evidence in first"] = _mean([quote == 1 for quote in quotes])
        row["evidence in quotes"] = _mean([quote > 0 for quote in quotes])
    if all(answer.kind in LITERAL for answer in answers):
        row["answer in first"] = _mean([answer.first == 1 for answer in answers])
        row["answer in quotes"] = _mean([answer.all_quotes == 1 for answer in answers])
        row["answer in context"] = _mean([answer.context == 1 for answer in answers])
        row["on labelled page"] = _mean([answer.on_labelled_page == 1 for answer in answers])
        row["items in context"] = _mean([answer.context for answer in answers])
    return row


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)


def set_names() -> list[str]:
    """All sets, in the order in which they are told."""
    return [*SETS, *_shipped_sets(), XQUAD]


def _shipped_sets() -> dict[str, Path]:
    """The files of the shipped questions about PDFs, by the name of their folder."""
    files = [path for path in sorted(SHIPPED.parent.glob("*/questions.jsonl")) if any(path.parent.glob("*.pdf"))]
    return {"shipped" if path.parent == SHIPPED else path.parent.name: path for path in files}


def ask_set(name: str, folder: Path, home: Path) -> Iterator[ShownAnswer]:
    """Ask the questions of a set that its documents answer, of a library kept at home."""
    shipped = _shipped_sets()
    if name == XQUAD:
        questions = _put_paragraphs(folder, home)
    else:
        questions = question_file.read(shipped.get(name, folder / f"{name}.jsonl"))
    with Library(home, writing=Writing(model=QUOTE)) as library:
        if name != XQUAD:
            shelves = (shipped[name].parent, *SHELVES) if name in shipped else (folder / "pdfs",)
            files = {path.name: path for shelf in shelves for path in shelf.glob("*.pdf")}
            added(
                library, [files.get(doc, shelves[0] / doc) for doc in sorted({question.doc for question in questions})]
            )
        documents = {document.name: document for document in library.documents()}
        for question in questions:
            if question.pages:
                yield ask(question, documents[question.doc], library)


def _put_paragraphs(folder: Path, home: Path) -> list[Question]:
    """Paragraphs as the pages of one document, and the questions about them."""
    paragraphs = lines(folder / "xquad_en_paragraphs.jsonl")
    with SqliteStore(home) as store:
        if not store.documents():
            texts = [paragraph["text"] for paragraph in paragraphs]
            put_texts(store, texts, XQUAD, title="", encoder=MiniLM.open(threads=2))
    numbers = {paragraph["paragraph"]: number for number, paragraph in enumerate(paragraphs, start=1)}
    rows = lines(folder / "xquad_en.jsonl")
    return [
        question_file.parse({**row, "doc": XQUAD, "evidence_pages": [numbers[row["paragraph"]]]}, number)
        for number, row in enumerate(rows, start=1)
    ]


def measure(folder: Path, cache: Path, names: Sequence[str], *, detailed: bool) -> dict[str, Any]:
    """The figures of these sets, and of both PDF sets as one, printed as they come."""
    answers: dict[str, list[ShownAnswer]] = {}
    for name in names:
        if name != XQUAD or (folder / "xquad_en.jsonl").exists():
            answers[name] = list(ask_set(name, folder, cache / name))
            show(name, answers[name], detailed=detailed)
    if set(SETS) <= set(answers):
        name = " + ".join(SETS)
        answers[name] = [answer for name in SETS for answer in answers[name]]
        show_figures(name, figures(answers[name])["groups"])
    return {name: figures(answers) for name, answers in answers.items()}


def show(name: str, answers: Sequence[ShownAnswer], *, detailed: bool) -> None:
    """Print a set's figures and the answers that are lost; in detail with the evidence and what was quoted."""
    show_figures(name, figures(answers)["groups"])
    lost = [answer for answer in answers if answer.kind in LITERAL and answer.lost]
    print("  lost:", ", ".join(f"{count} {stage}" for stage, count in Counter(answer.lost for answer in lost).items()))
    for answer in sorted(lost, key=lambda answer: (answer.lost, answer.kind)):
        pages = ", ".join(str(page + 1) for page in answer.question.pages)
        print(f"  - {answer.lost} | {answer.kind} | {answer.question.id} | {' '.join(answer.question.text.split())}")
        if detailed:
            print(f"      answer: {answer.question.answer} (pages {pages} of {answer.question.doc})")
            print(f"      stands in: {' / '.join(answer.evidence.splitlines())}")
            for quote in answer.quotes:
                print(f"      quoted: {' / '.join(quote.splitlines())}")
    print(flush=True)


def show_figures(name: str, groups: Mapping[str, Mapping[str, float]]) -> None:
    """Print a table: a line a figure, a column a group."""
    print(f"{name:20}", *(f"{group:>17}" for group in groups))
    for figure in dict.fromkeys(figure for row in groups.values() for figure in row):
        print(f"  {figure:18}", *(f"{row.get(figure, ''):>17}" for row in groups.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="the folder with questions and PDFs")
    parser.add_argument("--cache", type=Path, help="where libraries are kept between runs")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--list", action="store_true", help="print what was quoted for each answer that is lost")
    parser.add_argument("--set", nargs="+", choices=set_names(), default=set_names(), help="only these")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sets = measure(arguments.eval, arguments.cache or Path(folder), arguments.set, detailed=arguments.list)
    arguments.json.write_text(json.dumps({"about": provenance.about(LIBRARIES), "sets": sets}, indent=1) + "\n")


if __name__ == "__main__":
    main()
