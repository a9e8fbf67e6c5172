"""What the server says of its disk and of names that people gave their files."""

from pathlib import Path
from urllib.parse import quote

from support.pdfs import text_pdf
from support.served import private, settled

PUMP = text_pdf("The pump moves 111 litres.")


def test_a_hostile_name_is_escaped_in_json(home: Path) -> None:
    name = "\u202efdp\x1b[2J\u2066.pdf"
    with private(home) as client:
        sent = client.post("/api/documents", params={"name": name}, content=PUMP)
        assert settled(client, sent.json()["id"])["outcome"]["document"]["name"] == name
        listed = client.get("/api/documents")
        assert listed.json()[0]["name"] == name
        asked = client.post("/api/ask", json={"question": "How many litres does the pump move?"})
        refused = client.get(f"/api/documents/{quote(name)}")
        for answer in (sent, listed, client.get("/api/uploads"), asked, refused):
            assert answer.text.replace("\n", "").isprintable()
