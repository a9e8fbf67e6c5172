"""recto in Streamlit: a small client of its API. `recto serve --no-open` must run; RECTO_URL says where, if elsewhere.

make streamlit
"""

import io
import json
import os
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import httpx2
import streamlit as st
from PIL import Image, ImageDraw

URL = os.environ.get("RECTO_URL", "http://127.0.0.1:8765")
MARK = (255, 226, 84, 110)
ASKED = (194, 65, 12, 255)  # around a cell that the question asks for
CLOSEST = "These lines come closest; the documents may not answer this.\n\n"
Json = dict[str, Any]


def client() -> httpx2.Client:
    """A client that is who it was on the last run of this script."""
    if "visitor" not in st.session_state:
        st.session_state.visitor = httpx2.post(f"{URL}/api/visitors").raise_for_status().json()["visitor"]
    headers = {"X-Recto-Visitor": st.session_state.visitor} if st.session_state.visitor else {}
    if token := os.environ.get("RECTO_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    return httpx2.Client(base_url=URL, headers=headers, timeout=httpx2.Timeout(30, read=None))


def events(http: httpx2.Client, question: str) -> Iterator[Json]:
    """The events of an answer."""
    with http.stream("POST", "/api/ask", json={"question": question}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def marked(places: list[Json]) -> str:
    """Quotes in bold inside their surroundings, which are the same."""
    around, text, at = places[0]["context"], "", 0
    for place in sorted(places, key=lambda place: place["start"]):
        text += f"{plain(around['text'][at : place['start'] - around['start']])}**{plain(place['quote'])}**"
        at = place["end"] - around["start"]
    return f"{text}{plain(around['text'][at:])} {plain(places[-1]['more'])}"


def plain(text: str) -> str:
    """Text of documents on one line, none of it read as Markdown."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", re.sub(r"\s+", " ", text))


def written(http: httpx2.Client, question: str, found: Json) -> Iterator[str]:
    """The answer's text as it comes; what else the events say goes into `found`."""
    for event in events(http, question):
        match event.get("event"):
            case "quoted":
                yield CLOSEST if event["kind"] == "closest" else ""
                for _, places in groupby(event["citations"], lambda place: (place["document"], place["context"])):
                    yield f"> {marked(list(places))}\n\n"
            case "abstained":
                yield "The documents do not seem to say. The nearest passages stand below."
            case "expect":
                st.caption(f"{event['engine']} writes: first word in about {event['first_token_s']:.1f} s")
            case "token":
                yield event["text"]
            case "unsupported":
                yield " *(not in the documents)*"
            case "fell_back":
                st.caption(event["why"])
            case "done":
                found.update(event["answer"])


def picture(http: httpx2.Client, place: Json) -> Image.Image:
    """The page with the boxes of a citation marked, and more strongly the cells that are asked for."""
    path = f"/api/documents/{place['document']['id']}/pages/{place['page']}/picture"
    page = Image.open(io.BytesIO(http.get(path, params={"width": 800}).raise_for_status().content)).convert("RGBA")
    layer = Image.new("RGBA", page.size)
    asked = [box for cell in place.get("cells", []) if cell["asked"] for box in cell["boxes"]]
    for boxes, look in (place["boxes"], {"fill": MARK}), (asked, {"outline": ASKED, "width": 3}):
        for x0, y0, x1, y1 in boxes:
            box = x0 * page.width, y0 * page.height, x1 * page.width, y1 * page.height
            ImageDraw.Draw(layer).rectangle(box, **look)
    return Image.alpha_composite(page, layer)


def library(http: httpx2.Client) -> None:
    """The documents, and a place to drop more."""
    for file in st.file_uploader("PDFs", type="pdf", accept_multiple_files=True):
        if file.file_id not in st.session_state.setdefault("sent", set()):
            sent = http.post("/api/documents", params={"name": file.name}, content=file.getvalue())
            st.session_state.sent.add(file.file_id)
            if sent.is_error:
                st.error(sent.json()["detail"])
    for one in http.get("/api/uploads").json():
        if one["state"] not in ("done", "failed"):
            st.progress(one["done"] / max(1, one["total"]), text=f"{one['name']}: {one['state']}")
        elif problem := (one["outcome"] or {}).get("problem"):
            st.warning(problem["message"])
    for document in http.get("/api/documents").json():
        st.text(f"{document['name']}, {document['pages']} pages")


def main() -> None:
    """The page."""
    st.set_page_config(page_title="recto", layout="wide")
    with client() as http:
        with st.sidebar:
            library(http)
        if question := st.chat_input("Ask your documents"):
            found: Json = {}
            st.session_state.question = question
            st.session_state.text = st.write_stream(written(http, question, found))
            st.session_state.places = found.get("citations") or found.get("quotes") or found.get("nearest") or []
        elif "text" in st.session_state:
            st.write(st.session_state.text)
        for number, place in enumerate(st.session_state.get("places", []), start=1):
            printed = f", printed {place['label']}" if place["label"] else ""
            title = f"[{number}] {place['document']['name']}, page {place['page']}{printed}"
            if st.button(title, key=f"place-{number}"):
                st.image(picture(http, place))


main()
