"""A second reader: every word that poppler reads and recto does not, or the other way round, has its reason."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from unicodedata import normalize

import pypdfium2 as pdfium
import pytest

from recto.pdf.hyphens import Vocabulary
from recto.pdf.layout import arrange
from recto.pdf.native import glyphs
from support.paths import CORPUS, PASSWORDS

POPPLER = shutil.which("pdftotext")
PAGES = 24  # of each document, evenly spread
# Letters and digits: signs, the dots of contents and which words a bracket stands beside are no words. NFKC writes
# ligatures, raised digits and wide letters as the letters and digits that they are.
WORD = re.compile(r"[^\W_]+")

# By document and page, counted from 1: words that only poppler reads, words that only recto reads, and why.
LISTED: Mapping[str, Mapping[int, tuple[set[str], set[str], str]]] = {
    "fda-general-principles-software-validation.pdf": {
        14: ({"ü"}, set(), "check marks of Wingdings, of which poppler gives the code's letter"),
    },
    "arabic-habibi.pdf": {
        1: (
            {"يبيب"},
            {"بيبي", "ςΒΘΒ"},
            "poppler gives the letters as they stand from the left; of four the font's map has Greek ones",
        ),
    },
}


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(normalize("NFKC", text)))


def joined(longer: Counter[str], parts: Counter[str]) -> None:
    """Take out the words of one reader that are two of the other.

    A line end cut them, and poppler joined a compound or did not; or a raised mark stands apart from its word in one.
    """
    for word in list(longer.elements()):
        for at in range(1, len(word)):
            pair = Counter((word[:at], word[at:]))
            if pair <= parts:
                parts -= pair
                longer[word] -= 1
                break


@pytest.mark.skipif(POPPLER is None, reason="pdftotext (Debian's poppler-utils) is not installed")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_poppler_reads_otherwise_has_its_reason(path: Path) -> None:
    password = PASSWORDS.get(path.name)
    differences = {}
    with pdfium.PdfDocument(path, password=password) as document:
        document.init_forms()
        vocabulary = Vocabulary()
        for number in range(0, len(document), max(1, len(document) // PAGES)):
            ours = words(arrange(number, glyphs(document, number), vocabulary).page.text)
            theirs = words(_poppler(path, number + 1, password))
            only_theirs, only_ours = theirs - ours, ours - theirs
            joined(only_theirs, only_ours)
            joined(only_ours, only_theirs)
            if +only_theirs or +only_ours:
                differences[number + 1] = set(+only_theirs), set(+only_ours)
    assert differences == {page: listed[:2] for page, listed in LISTED.get(path.name, {}).items()}


def _poppler(path: Path, page: int, password: str | None) -> str:
    assert POPPLER is not None
    command = [POPPLER, "-enc", "UTF-8", "-f", str(page), "-l", str(page), *(["-upw", password] if password else [])]
    return subprocess.run([*command, str(path), "-"], capture_output=True, check=True).stdout.decode()
