"""What every route of the API is given first: the room of whoever asks."""

from typing import Annotated

from fastapi import Depends, Header, Request

from recto.server.tenants import HEADER, Private, Public, Room

House = Private | Public
Visitor = Annotated[str | None, Header(alias=HEADER, max_length=100)]


def _room(request: Request, visitor: Visitor = None) -> Room:
    house: House = request.app.state.house
    return house.room(visitor)


InRoom = Annotated[Room, Depends(_room)]
