"""recto itself: the pages of its search, and the sentences that a language model would be given."""

from bench.baselines.baseline import Ask, Chunk, Corpus, Retrieval
from bench.baselines.vectors import Vectors

from recto.library.quoting import quote
from recto.store.sqlite import open_store


def ready(corpus: Corpus, _: Vectors) -> Ask:
    library, store = corpus.library, open_store(corpus.library.settings.home)
    docs = [document.id for document in corpus.documents]

    def ask(question: str) -> Retrieval:
        hits = library.search(question, docs=docs)
        evidence = quote(question, hits, store, library.encoder).evidence
        context = [Chunk((piece.quote.sheet.doc, piece.quote.sheet.number), piece.quote.text) for piece in evidence]
        return Retrieval([(hit.document.id, hit.passage.span.page) for hit in hits], context)

    return ask
