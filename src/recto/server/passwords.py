"""The password of a PDF, as requests show it."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Header

Password = Annotated[
    str | None,
    Header(alias="X-Pdf-Password", max_length=1500, description="percent-encoded: headers hold no other text"),
]


def plain(password: str | None) -> str | None:
    """The password of a header; an empty one is none."""
    return unquote(password) if password else None
