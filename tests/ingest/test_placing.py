"""Where documents of a library in shards go, and that its shards stay as many as they were made."""

from pathlib import Path

import pytest

from recto import ingest as module
from recto.errors import BadSetting, UsageProblem
from recto.ingest import Prepared
from recto.ingest.placing import PlacedShards, shard_number
from recto.store.lance import LanceStore
from recto.store.lance.bucket import Bucket
from recto.store.lance.shard import SOURCES
from recto.store.rows import PackedDocument, pack
from recto.types import Added, AddStatus
from support.synthetic_pages import ANALYSER, Made, make


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"lance+file://{tmp_path}/library"


def packed(made: Made) -> PackedDocument:
    return pack(made.document, made.pages, analyser=ANALYSER, summary=None, unrecognised=False, card=b"")


def test_each_document_and_its_file_is_in_the_shard_of_its_hash(address: str, tmp_path: Path) -> None:
    library, documents = PlacedShards(address, 3), [make(tmp_path, seed) for seed in range(6)]
    library.put(map(packed, documents), {f"{SOURCES}/{made.id}": made.source.read_bytes() for made in documents})
    assert library.documents() == PlacedShards(address).documents() == {made.id for made in documents}
    for number in range(3):
        own = sorted(made.id for made in documents if shard_number(made.id, 3) == number)
        objects = Bucket(f"{address}/shard-{number}").objects(SOURCES)
        assert [entry["path"].rpartition("/")[2] for entry in objects] == own
        store = LanceStore(f"{address}/shard-{number}", tmp_path / f"copy-{number}")
        assert sorted(document.id for document in store.documents()) == own
        store.close()


def test_shards_stay_as_many_as_they_were_made(address: str, tmp_path: Path) -> None:
    assert len(PlacedShards(address, 3)) == len(PlacedShards(address, 3)) == len(PlacedShards(address)) == 3
    with pytest.raises(BadSetting, match="has 3 shards, not 4"):
        PlacedShards(address, 4)
    with pytest.raises(UsageProblem, match="a library of 3 shards") as error:
        LanceStore(address, tmp_path / "copy")
    assert "recto route" in error.value.hint


def test_a_library_in_one_piece_stays_one(address: str, tmp_path: Path) -> None:
    PlacedShards(address).put([packed(make(tmp_path, 1))], {})
    with pytest.raises(BadSetting, match="in one piece"):
        PlacedShards(address, 3)
    assert len(PlacedShards(address)) == 1


def test_what_is_attached_to_a_file_is_committed_before_it(address: str, tmp_path: Path) -> None:
    """Else a file whose writer is killed in between would be there, and never be read again for what it holds."""
    file, attached = make(tmp_path, 1), make(tmp_path, 2)
    outcomes = [
        Added(document=made.document, status=AddStatus.ADDED, passages=0, seconds=0.0, flags={})
        for made in (file, attached)
    ]
    library = PlacedShards(address, 2)
    commits = list[frozenset[str]]()

    class Watched(PlacedShards):
        def put(self, documents: object, files: dict[str, bytes]) -> None:
            super().put(documents, files)  # type: ignore[arg-type]
            commits.append(self.documents())

    prepared = Prepared(tuple(outcomes), (packed(file), packed(attached)), {})
    assert list(module._commit(Watched(address), [prepared])) == outcomes
    assert commits == [{attached.id}, {file.id, attached.id}]
    assert library.documents() == {file.id, attached.id}
