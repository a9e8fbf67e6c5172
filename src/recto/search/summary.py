"""What is worked out of a document once, when it is put: for lists, and for the questions a library begins with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from pathlib import Path

from recto.index_types import Summary
from recto.storage import Store
from recto.text.subjects import question_about, subject
from recto.types import Condition, Document, Flag, Page, Passage, Problem, TraitKind

UNRECOGNISED = (Problem("unrecognised", "pictures of text are yet to be recognised", "recto add its file again"),)
SUBJECTS = 5  # of one document, and so many questions are shown


def summarise(
    pages: Sequence[Page], passages_of: Sequence[Sequence[Passage]], path: str = "", problems: Iterable[Problem] = ()
) -> Summary:
    """Summarise a document, given as its pages and the passages of each, where its file lies, and what went wrong."""
    counts = Counter(page.flag for page in pages)
    weights: Counter[str] = Counter()
    for passages in passages_of:
        for passage in passages:
            weights[subject(passage.heading)] += len(passage.text)
    del weights[""]
    subjects = tuple(heading for heading, _ in weights.most_common(SUBJECTS))
    return Summary(
        passages=sum(map(len, passages_of)),
        flags={flag: counts[flag] for flag in Flag},
        subjects=subjects,
        hidden=sum(page.hidden for page in pages),
        uncertain=sum(page.words_with(TraitKind.UNCERTAIN) for page in pages),
        path=path,
        problems=tuple(problems),
    )


def summary(store: Store, document: Document) -> Summary:
    """The summary that was kept, or one made now: documents from before there were summaries have none."""
    if stored := store.summary(document.id):
        return stored
    numbers = range(document.pages)
    pages = [store.page(document.id, number) for number in numbers]
    return summarise(pages, [store.passages(document.id, number) for number in numbers])


def conditions(store: Store, fingerprint: str) -> list[Condition]:
    """How each document stands, in the order in which they were added; `fingerprint` is the encoder's."""
    summaries, sizes = store.summaries(), store.sizes()
    unencoded = {version.document.id for version in store.unencoded(fingerprint)}
    unrecognised = {document.id for document in store.unrecognised()}
    conditions = []
    for document in store.documents():
        own = summaries.get(document.id) or summary(store, document)
        waiting = UNRECOGNISED if document.id in unrecognised else ()
        conditions.append(
            Condition(
                document=document,
                flags=own.flags,
                hidden=own.hidden,
                passages=own.passages,
                unencoded=own.passages if document.id in unencoded else 0,
                size=sizes.get(document.id, 0),
                problems=(*waiting, *own.troubles),
            )
        )
    return conditions


def file_of(store: Store, document: Document) -> Path | None:
    """The file that was added, if it still lies where it did, or where a folder has it that is kept in step.

    One of another size is another one.
    """
    stored = store.summary(document.id)
    for path in [*([Path(stored.path)] if stored and stored.path else []), *store.folders.paths(document.id)]:
        with suppress(OSError):
            if path.stat().st_size == document.size:
                return path
    return None


def examples(store: Store, documents: Sequence[Document]) -> list[str]:
    """Questions about the headings with the most text below them, of the documents in turns."""
    turns = zip_longest(*(summary(store, document).subjects for document in documents))
    subjects = dict.fromkeys(filter(None, chain.from_iterable(turns)))
    subjects = subjects or dict.fromkeys(document.title for document in documents)
    return [question_about(subject) for subject in list(subjects)[:SUBJECTS]]
