"""recto itself: the pages of its search, and the sentences that a language model would be given."""

from bench.baselines.shelf import Ask, Chunk, Found, Shelf
from bench.baselines.vectors import Vectors

from recto.library.quoting import quote
from recto.search.candidates import DocumentRouter, Scope
from recto.search.query import analyse_query
from recto.store.sqlite import SqliteStore


def ready(shelf: Shelf, _: Vectors) -> Ask:
    library, store = shelf.library, SqliteStore(shelf.library.settings.home)
    router = DocumentRouter()
    asked = [document.id for document in shelf.documents]

    def ask(question: str) -> Found:
        hits = library.search(question, docs=asked)
        scope = Scope(docs=shelf.documents, store=store, encoder=library.encoder, router=router)
        evidence = quote(analyse_query(question, library.encoder), hits, scope).evidence
        sent = [Chunk((piece.quote.page.doc, piece.quote.page.number), piece.quote.text) for piece in evidence]
        return Found([(hit.document.id, hit.passage.span.page) for hit in hits], sent)

    return ask
