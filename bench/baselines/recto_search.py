"""recto itself: the pages of its search, and the sentences that a language model would be given."""

from bench.baselines.baseline import Ask, Chunk, Corpus, Retrieval
from bench.baselines.vectors import Vectors

from recto.library.quoting import quote
from recto.search.candidates import DocumentRouter, Scope
from recto.search.query import analyse_query
from recto.store.sqlite import SqliteStore


def ready(corpus: Corpus, _: Vectors) -> Ask:
    library, store = corpus.library, SqliteStore(corpus.library.settings.home)
    router = DocumentRouter()
    docs = [document.id for document in corpus.documents]

    def ask(question: str) -> Retrieval:
        hits = library.search(question, docs=docs)
        scope = Scope(docs=corpus.documents, store=store, encoder=library.encoder, router=router)
        evidence = quote(analyse_query(question, library.encoder, store), hits, scope).evidence
        context = [Chunk((piece.quote.page.doc, piece.quote.page.number), piece.quote.text) for piece in evidence]
        return Retrieval([(hit.document.id, hit.passage.span.page) for hit in hits], context)

    return ask
