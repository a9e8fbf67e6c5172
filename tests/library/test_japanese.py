"""Questions and documents in other languages, from the file to the quote."""

from pathlib import Path

from recto import Library
from support.pdfs import lettered

SENTENCES = ["ポンプは地下室にあります。", "保証期間は三年です。", "弁は赤い鍵で開けます。"]


def japanese(*lines: str) -> bytes:
    """A page with a line of Japanese for each of these."""
    letters = dict(zip(sorted(set("".join(lines))), map(chr, range(ord("A"), ord("z"))), strict=False))
    drawn = [
        b"BT /H 12 Tf 72 %d Td <%s> Tj ET" % (700 - 20 * at, line_codes(line, letters)) for at, line in enumerate(lines)
    ]
    return lettered(b" ".join(drawn), {code: letter for letter, code in letters.items()})


def line_codes(line: str, letters: dict[str, str]) -> bytes:
    return "".join(f"{ord(letters[letter]):02x}" for letter in line).encode()


def test_japanese_is_read_asked_and_quoted(tmp_path: Path) -> None:
    path = tmp_path / "ポンプ.pdf"
    path.write_bytes(japanese(*SENTENCES))
    with Library(tmp_path / "library") as library:
        (added,) = library.add(path)
        assert library.page(added.document.id, 0).text.split("\n") == SENTENCES
        answer = library.ask("保証期間はどのくらいですか。", writes=False).answer
        assert SENTENCES[1] in answer.quotes[0].quote
        assert answer.quotes[0].language == ""  # the question's own
        foreign = library.ask("Where does 保証期間 stand in this?", writes=False).answer
        assert {quote.language for quote in foreign.quotes} <= {"ja"}
