"""Any sequence of writes, reopenings and questions agrees with a plain dictionary."""

import dataclasses
import tempfile
from itertools import count
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from recto.index_types import Field, Version
from recto.storage import Store
from support.store_contract import STORES, expected_frequencies, expected_pages, found, keys, put
from support.synthetic_pages import ANALYSER, Made, ids, make, units

SEEDS = st.integers(0, 5)
FIELD = st.sampled_from(["text", "heading", "passages"])
WANTED = st.lists(st.integers(0, 60), min_size=1, max_size=4).map(lambda numbers: ids(numbers).tolist())
FINGERPRINTS = st.sampled_from(["f", "g"])


class Machine(RuleBasedStateMachine):
    """The model: documents in order of adding, and whose vectors they have."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.made = [make(self.home, seed, pages=seed, passages=seed % 3) for seed in range(6)]
        self.clock = count(1)  # later for each that is put: shards know no other order of adding
        self.kept: dict[str, Made] = {}
        self.versions: list[Version] = []  # also those that are gone
        self.encoded: dict[str, str] = {}
        self.store: Store

    @initialize(opener=st.sampled_from([param.values[0] for param in STORES]))
    def begin(self, opener) -> None:
        self.opener = opener
        self.store = opener(self.home / "library")

    @rule(seed=SEEDS)
    def put(self, seed: int) -> None:
        made = self._added_now(seed)
        self.versions += put(self.store, made)
        self._forget(made.id)
        self.kept[made.id] = made

    @rule(seed=SEEDS, old=SEEDS)
    def replace(self, seed: int, old: int) -> None:
        made = self._added_now(seed)
        version = self.store.put(made.document, made.source, made.pages, analyser=ANALYSER, replaces=self.made[old].id)
        self.versions.append(version)
        self._forget(self.made[old].id)
        self._forget(made.id)
        self.kept[made.id] = made

    @rule(seed=SEEDS)
    def delete(self, seed: int) -> None:
        id = self.made[seed].id
        assert self.store.delete(id) is (id in self.kept)
        self._forget(id)

    @precondition(lambda self: self.versions)
    @rule(fingerprint=FINGERPRINTS, data=st.data())
    def encode(self, fingerprint: str, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(self.versions))
        doc = version.document.id
        made = next(made for made in self.made if made.id == doc)
        newest = max(other.number for other in self.versions if other.document.id == doc)
        present = doc in self.kept and version.number == newest
        assert self.store.put_vectors(version, fingerprint, made.vectors) is present
        if present:
            self.encoded[doc] = fingerprint

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = self.opener(self.home / "library")

    @rule(field=FIELD, wanted=WANTED)
    def ask(self, field: Field, wanted: list[int]) -> None:
        kept = list(self.kept.values())
        assert found(self.store, field, wanted) == expected_pages(kept, field, wanted)
        counts = self.store.frequencies(field, np.array(wanted, np.uint32))
        assert counts.tolist() == expected_frequencies(kept, field, wanted)

    @rule(fingerprint=FINGERPRINTS)
    def compare(self, fingerprint: str) -> None:
        question = units(99, 1)[0]
        encoded = [made for made in self.kept.values() if self.encoded.get(made.id) == fingerprint]
        cosines = self.store.cosines(question, fingerprint, keys(*self.kept.values()))
        expected = np.concatenate([np.zeros(0, np.float32), *(made.vectors @ question for made in encoded)])
        np.testing.assert_allclose(cosines.values, expected, atol=0.02)
        missing = [made.id for made in self.kept.values() if made not in encoded and len(made.vectors)]
        assert [version.document.id for version in self.store.unencoded(fingerprint)] == missing

    @invariant()
    def holds_what_it_should(self) -> None:
        assert self.store.documents() == [made.document for made in self.kept.values()]
        assert self.store.lagging() == 0
        assert self.store.totals().pages == sum(made.document.pages for made in self.kept.values())

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def _added_now(self, seed: int) -> Made:
        made = self.made[seed]
        return dataclasses.replace(made, document=dataclasses.replace(made.document, added=float(next(self.clock))))

    def _forget(self, id: str) -> None:
        self.kept.pop(id, None)
        self.encoded.pop(id, None)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=6, stateful_step_count=15, deadline=None)
