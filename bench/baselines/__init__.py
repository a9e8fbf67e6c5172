"""recto beside what people use today, on the same page texts, with the same encoder, in the same run.

    uv run --group baselines python -m bench.baselines --eval DIR [--cache DIR] [--json FILE]

DIR is the folder of `bench.quality`. Each system keeps its package's defaults; only the encoder is recto's, in float32
and wrapped as each package asks for, and so are the pages' texts: no system reads PDFs here.

- LangChain: RecursiveCharacterTextSplitter, 1000 and 200 characters, page by page; its in-memory store; 4 chunks.
- LlamaIndex: SentenceSplitter, 1024 and 200 tokens, page label and path before the text; VectorStoreIndex; 2 chunks.
- BM25: bm25s over LangChain's chunks; as many as LangChain sends.
- RRF: the reciprocal rank fusion of these BM25 and LangChain lists, constant 60.
- BM25 stems, RRF stems: no default, but as good as bm25s gets: with its longer list of stop words and Snowball stems.
- txtai: a hybrid index of dense vectors and BM25 over LangChain's chunks, as it has no splitter of its own; 3 chunks.
- 2025: the parameters of the system that recto follows, in our code, page by page, which is kinder than its own way.

Judged are the pages of the chunks, best first, as in `bench.quality`. ctx is the share of questions with an evidence
page among what the system's default sends to a language model, `characters` how much that is. What recto sends are the
sentences that it quotes and a few more; nothing when it abstains. The others index exactly the PDFs that are asked;
recto has all in one library and is asked for some. Library and vectors are kept in the cache: empty it when the reading
of PDFs has changed.
"""
