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
from bench import machine
from bench.samples import ROOT

from recto.normalize import z
from recto.search.bm25 import Statistics, Texts, bm25, distinct_terms
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
    paragraphs = {one["paragraph"]: one["text"] for one in _lines(folder / "xquad_en_paragraphs.jsonl")}
    split = {key: [text[start:end] for start, end in sentences(text)] for key, text in paragraphs.items()}
    terms = [np.unique(term_ids(text)) for text in paragraphs.values()]
    encoder = MiniLM.open(threads=2)
    states = {key: encoder.states(those) for key, those in split.items()}
    vectors = {key: encoder.encode(those) for key, those in split.items()}
    ranks: dict[str, list[int]] = {name: [] for name in WAYS}
    for one in _lines(folder / "xquad_en.jsonl"):
        key, asked = one["paragraph"], one["question"]
        words = _words(asked, split[key], terms)
        cosine = vectors[key] @ encoder.encode([asked])[0]
        similar = np.array([max_sim(encoder.states([asked])[0], each) for each in states[key]], np.float32)
        right = [one["answer"] in sentence for sentence in split[key]]
        for name, weights in WAYS.items():
            signals = zip(weights, (words, cosine, similar), strict=True)
            ranks[name].append(_rank(np.sum([weight * z(signal) for weight, signal in signals], axis=0), right))
    return {"about": machine.about(), "sets": {name: _shares(found) for name, found in ranks.items()}}


def _words(question: str, split: list[str], paragraphs: list[UInt32s]) -> Floats:
    texts = Texts.of([term_ids(sentence) for sentence in split])
    query_terms = distinct_terms(term_ids(question), PASSAGE)
    frequencies = np.array([np.isin(query_terms, terms) for terms in paragraphs]).sum(axis=0)
    statistics = Statistics(len(paragraphs), texts.mean_length, frequencies)
    return bm25(texts, query_terms, PASSAGE, statistics=statistics).astype(np.float32)


def _rank(scores: Floats, right: list[bool]) -> int:
    """The rank of the first right sentence, from 0; past the last if there is none."""
    order = np.argsort(-scores, kind="stable")
    return next((rank for rank, index in enumerate(order) if right[index]), len(right))


def _shares(ranks: list[int]) -> dict[str, float]:
    return {f"top {k}": round(float(np.mean(np.array(ranks) < k)), 3) for k in (1, 3)}


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
