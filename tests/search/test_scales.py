import numpy as np
import pytest

from recto.search import encoder, multilingual
from recto.search.candidates import DocumentRouter, Scope
from recto.search.scales import USUAL, scale_of
from support.memory_index import HashEncoder, MemoryStore


def test_the_usual_encoder_needs_no_scale_and_leaves_every_bit():
    cosines = np.random.default_rng(1).normal(size=100).astype(np.float32)
    assert scale_of(encoder.FINGERPRINT) == USUAL
    assert (USUAL.passages.of(cosines) == cosines).all()


def test_the_narrow_band_of_the_other_is_spread():
    scale = scale_of(multilingual.FINGERPRINT)
    unrelated, answer = scale.passages.of(0.767), scale.passages.of(0.87)
    assert unrelated == pytest.approx(0.1, abs=0.05)
    assert answer == pytest.approx(0.6, abs=0.05)


def test_of_unknown_cosines_the_nearest_is_none():
    scope = Scope(docs=[], store=MemoryStore(), encoder=HashEncoder(), router=DocumentRouter())
    assert scope.nearest([None, 0.25, 0.5]) == 0.5
    assert scope.nearest([None]) == scope.nearest([]) == 0.0
