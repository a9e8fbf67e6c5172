"""The page of 2025 as people write it in Streamlit, over recto's own library: what `recto serve` is compared with.

A question is typed, or comes as `?question=`: that is how the benchmark's sessions ask without a browser.
"""

import os
from collections.abc import Iterator

import streamlit as st

from recto import Library
from recto.events import AskEvent, Quoted, Token


@st.cache_resource  # type: ignore[untyped-decorator]  # see follow_imports in pyproject.toml
def library() -> Library:
    """One for all sessions."""
    return Library(os.environ["RECTO_HOME"])


def texts(events: Iterator[AskEvent]) -> Iterator[str]:
    """Quotes, then words, as they come."""
    for event in events:
        match event:
            case Quoted(quotes):
                yield "\n\n".join(f"> {quote.quote}" for quote in quotes) + "\n\n"
            case Token(text):
                yield text
            case _:
                pass


typed = st.chat_input("Ask your documents")
if question := typed or st.query_params.get("question"):
    st.chat_message("user").write(question)
    with st.chat_message("assistant"):
        st.write_stream(texts(iter(library().ask(question))))
