"""From a question to a `Query`."""

import numpy as np

from recto.errors import BadQuestion
from recto.query import Query
from recto.search.encoder import EncodedText, Encoder
from recto.search.languages import library_languages, reads, trained_on
from recto.search.references import references
from recto.storage import Store
from recto.text.analyse import asks_for_figure, term_ids
from recto.text.contents import asks_for_contents
from recto.text.detection import language_of
from recto.text.measures import with_measures
from recto.text.statements import spelled_out

LONGEST_QUESTION = 2000  # characters: the encoder sees about the first thousand


def analyse_query(text: str, encoder: Encoder | None, store: Store | None = None) -> Query:
    """Analyse, expand and encode a question, by itself: beside longer texts the encoder would round it as they need.

    It is read in its own language, and in those of the store's pages as well.
    """
    languages = library_languages(store) if store else ()
    language = language_of(text, languages)
    expanded, place_references = spelled_out(with_measures(text, language)), references(text)
    # Pages are found by the question's own words, which running text has; a line is told by what it prints.
    searched = spelled_out(text)
    readings = [term_ids(searched, reading) for reading in dict.fromkeys([language or "en", *languages])]
    if encoder is None or not reads(encoder, language):
        encoded = encoded_expanded = EncodedText(np.empty(0, np.float32), np.empty((0, 0), np.float32), ())
    else:
        encoded = encoder.encode_query(text)
        encoded_expanded = encoded if expanded == text else encoder.encode_query(expanded)
    return Query(
        text=text,
        expanded=expanded,
        language=language,
        terms=term_ids(expanded, language or "en"),
        readings=tuple(readings),
        vector=encoded.vector,
        states=encoded.states,
        expanded_states=encoded_expanded.states,
        token_spans=encoded_expanded.spans,
        judged=encoder is not None and trained_on(encoder, language),
        wants_figure=asks_for_figure(expanded),
        wants_contents=asks_for_contents(text) or bool(place_references.pages or place_references.ends),
        references=place_references,
    )


def checked(question: str) -> str:
    """The question without control characters. BadQuestion if nothing is left, or too much."""
    words = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not words:
        raise BadQuestion("the question is empty", hint='recto ask "What is ...?"')
    if len(words) > LONGEST_QUESTION:
        raise BadQuestion(
            f"the question has {len(words)} characters, the limit is {LONGEST_QUESTION}", hint="shorten it"
        )
    return words
