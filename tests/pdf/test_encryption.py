"""Encrypted files: passwords however they were typed, and encryption that no reader knows."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from recto.errors import EncryptionUnknown, PasswordNeeded
from recto.pdf.read import Reader
from support.pdfs import text_pdf

WORDS = "The sluice opens at noon."


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(1) as reader:
        yield reader


def encrypted(password: str = "", *, revision: int = 6) -> bytes:
    made, modern = io.BytesIO(), revision >= 4
    with pikepdf.open(io.BytesIO(text_pdf(WORDS))) as document:
        how = pikepdf.Encryption(owner="owner", user=password, R=revision, aes=modern, metadata=modern)  # type: ignore[arg-type]
        document.save(made, encryption=how)
    return made.getvalue()


def text(reader: Reader, path: Path, password: str | None = None) -> str:
    (page,) = reader.pages(reader.open(path, password))
    return page.read.page.text.strip()


@pytest.mark.parametrize("revision", [3, 4, 6])
@pytest.mark.parametrize(
    ("meant", "typed"),
    [
        ("SaSLprep", "S\u00aaSL\u00adprep"),  # a compatibility character, a soft hyphen
        ("S\u00aaSLprep", "S\u00aaSLprep"),  # by a program that prepares nothing
        ("caf\u00e9 noir", "cafe\u0301\u00a0noir"),  # typed in two keys, with a space of another kind
        ("naive", "na\u200bive"),  # copied with what has no width
    ],
)
def test_a_right_password_opens_however_it_is_spelt(
    reader: Reader, tmp_path: Path, revision: int, meant: str, typed: str
) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(encrypted(meant, revision=revision))
    assert text(reader, path, typed) == WORDS
    for wrong in (None, "", "noon", f"{typed}x"):
        with pytest.raises(PasswordNeeded):
            reader.open(path, wrong)


def test_a_password_may_be_typed_in_latin_1(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(encrypted("caf\u00e9"))
    assert text(reader, path, "caf\udce9") == WORDS  # as Python hands on a byte that is no UTF-8
    with pytest.raises(PasswordNeeded):
        reader.open(path, "caf\ud83d")


def replaced(pattern: bytes, words: bytes) -> bytes:
    content, times = re.subn(pattern, words, encrypted(revision=4))
    assert times == 1
    return content


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (replaced(rb"/Filter /Standard", rb"/Filter /Acme.Sec"), "Acme.Sec"),
        (replaced(rb"/Filter /Standard", rb"/Filter/Adobe.PubSec"), "certificate"),
        (replaced(rb"/V 4\b", b"/V 9"), "version 9"),
        (replaced(rb"/CFM /AESV2", b"/CFM /AESV4"), "AESV4"),
    ],
)
@pytest.mark.parametrize("password", [None, "some"])
def test_encryption_that_no_reader_knows_is_called_that(
    reader: Reader, tmp_path: Path, content: bytes, named: str, password: str | None
) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(content)
    with pytest.raises(EncryptionUnknown, match=named) as caught:
        reader.open(path, password)
    assert "authenticate" not in caught.value.message
    assert "qpdf --decrypt" in caught.value.hint


def test_what_pdfium_refuses_is_left_to_the_second_reader(reader: Reader, tmp_path: Path) -> None:
    """PDFium takes the length of this key for bits, as it is below 40."""
    path = tmp_path / "short.pdf"
    path.write_bytes(replaced(rb"/Length 16\b", b"/Length 05"))
    assert text(reader, path) == WORDS
    with pytest.raises(PasswordNeeded):
        reader.open(path, "wrong")


def test_the_word_encrypt_in_a_damaged_file_means_nothing(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "plain.pdf"
    path.write_bytes(text_pdf("How to /Encrypt 7 0 R things").replace(b"startxref", b"startxxxx"))
    assert "things" in text(reader, path)
