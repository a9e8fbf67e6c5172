"""Texts as a document of a store: each is a page without boxes, cut and indexed as a PDF's page is."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recto.pdf.passages import passages
from recto.search.encoder import Encoder
from recto.search.index import headed, indexed_pages
from recto.storage import Store
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Document, Flag, Page


def put_texts(store: Store, texts: Sequence[str], name: str, *, title: str, encoder: Encoder | None) -> Document:
    """Put them; with an encoder their passages have vectors. The name stands for the bytes of a PDF."""
    content = name.encode()
    document = Document(
        id=hashlib.sha256(content).hexdigest(), name=name, title=title, pages=len(texts), size=len(content), added=0
    )
    spans, boxes = np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16)
    pages = [
        Page(number=number, width=612, height=792, flag=Flag.TEXT, text=text, spans=spans, boxes=boxes)
        for number, text in enumerate(texts)
    ]
    by_page = [passages(page, document.id) for page in pages]
    with tempfile.NamedTemporaryFile() as source:
        Path(source.name).write_bytes(content)
        indexed = indexed_pages(title, pages, by_page)
        version = store.put(document, Path(source.name), indexed, analyser=ANALYSER_VERSION)
    if encoder:
        vectors = encoder.encode([headed(title, passage) for page in by_page for passage in page])
        store.put_vectors(version, encoder.fingerprint, vectors)
    return document
