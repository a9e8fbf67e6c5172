"""recto itself: the pages of its search, and the sentences that a language model would be given."""

from bench.baselines.shelf import Ask, Chunk, Found, Shelf
from bench.baselines.vectors import Vectors

from recto.library.quoting import quote
from recto.store.sqlite import open_store


def ready(shelf: Shelf, _: Vectors) -> Ask:
    library, store = shelf.library, open_store(shelf.library.settings.home)
    asked = [document.id for document in shelf.documents]

    def ask(question: str) -> Found:
        hits = library.search(question, docs=asked)
        quotes = [piece.quote for piece in quote(question, hits, store, library.encoder).evidence]
        sent = [Chunk((quote.page.doc, quote.page.number), quote.text) for quote in quotes]
        return Found([(hit.document.id, hit.passage.span.page) for hit in hits], sent)

    return ask
