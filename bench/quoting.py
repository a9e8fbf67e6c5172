"""How often the quoted sentences hold the answer, for several ways to weigh words against meaning.

    python -m bench.quoting --eval DIR [--json FILE]

DIR holds `xquad_en.jsonl` and `xquad_en_paragraphs.jsonl`. The right paragraph is given; judged is whether the sentence
with the answer is the best, or among the best three. Rarity of words is that of the paragraphs.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from bench import provenance
from bench.samples import ROOT

from recto.index_types import Statistics
from recto.normalize import z
from recto.search.bm25 import Texts, bm25, distinct_terms
from recto.search.encoder import MiniLM, max_sim
from recto.search.rank import PASSAGE
from recto.text.analyse import term_ids
from recto.text.sentences import sentences
from recto.types import Floats, UInt32s

RESULTS = ROOT / "bench" / "results" / "quoting.json"
# What BM25, cosine and max-sim count, each as its z-score over the paragraph's sentences.
WAYS = {
    "cosine": (0.0, 1.0, 0.0),
    "0.6 BM25 + 0.4 cosine": (0.6, 0.4, 0.0),
    **{
        f"{1 - share:.1f} BM25 + {share:.1f} max-sim": (1 - share, 0.0, share)
        for share in (0, 0.2, 0.4, 0.5, 0.6, 0.8, 1)
    },
}


def measure(folder: Path) -> dict[str, Any]:
    paragraphs = {row["paragraph"]: row["text"] for row in _lines(folder / "xquad_en_paragraphs.jsonl")}
    split = {key: [text[start:end] for start, end in sentences(text)] for key, text in paragraphs.items()}
    terms = [np.unique(term_ids(text)) for text in paragraphs.values()]
    encoder = MiniLM.open(threads=2)
    states = {key: encoder.states(texts) for key, texts in split.items()}
    vectors = {key: encoder.encode(texts) for key, texts in split.items()}
    ranks: dict[str, list[int]] = {name: [] for name in WAYS}
    for row in _lines(folder / "xquad_en.jsonl"):
        key, question = row["paragraph"], row["question"]
        words = _words(question, split[key], terms)
        cosine = vectors[key] @ encoder.encode([question])[0]
        similar = np.array([max_sim(encoder.states([question])[0], state) for state in states[key]], np.float32)
        right = [row["answer"] in sentence for sentence in split[key]]
        for name, weights in WAYS.items():
            signals = zip(weights, (words, cosine, similar), strict=True)
            scores = np.sum([weight * z(signal) for weight, signal in signals], axis=0)
            order = np.argsort(-scores, kind="stable")
            # The rank of the first right sentence, from 0; past the last if there is none.
            ranks[name].append(next((rank for rank, index in enumerate(order) if right[index]), len(right)))
    shares = {
        name: {f"top {k}": round(float(np.mean(np.array(numbers) < k)), 3) for k in (1, 3)}
        for name, numbers in ranks.items()
    }
    return {"about": provenance.about(), "sets": shares}


def _words(question: str, split: list[str], paragraphs: list[UInt32s]) -> Floats:
    """The BM25 of each sentence, with the rarity of words among all paragraphs."""
    texts = Texts.of([term_ids(sentence) for sentence in split])
    query = distinct_terms(term_ids(question), PASSAGE)
    frequencies = np.array([np.isin(query, terms) for terms in paragraphs]).sum(axis=0)
    statistics = Statistics(len(paragraphs), texts.mean_length, frequencies)
    return bm25(texts, query, PASSAGE, statistics=statistics).astype(np.float32)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, required=True, help="the folder with questions")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    figures = measure(arguments.eval)
    arguments.json.parent.mkdir(exist_ok=True)
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    for name, shares in figures["sets"].items():
        print(f"{name:28}", shares)


if __name__ == "__main__":
    main()
