"""`recto token`: who may use the doors of `recto serve`, and what they see there."""

from pathlib import Path

import click

from recto.cli.commands import _command, _home, _json, recto
from recto.cli.messages import t


@recto.group("token")
def access_token() -> None:
    """Tokens for others, beside the one of `recto serve`: for reading, or for some collections."""


@access_token.command("add")
@click.argument("name")
@click.option(
    "--collection", "collections", multiple=True, metavar="NAME", help="It sees nothing but this (repeat for more)."
)
@click.option("--read", "read_only", is_flag=True, help="It asks and reads, and changes nothing.")
@_json
@_home
@_command
def add_token(name: str, collections: tuple[str, ...], read_only: bool, as_json: bool, home: Path | None) -> int:
    """Make a token and print its secret, this one time: the library keeps a hash of it."""
    from recto.cli.terminal import note, say, say_json
    from recto.library import Library

    with Library(home) as library:
        ids = [library.collections.find(collection).id for collection in collections]
        secret = library.tokens.add(name, read_only=read_only, collections=ids)
    say_json({"name": name.strip(), "secret": secret}) if as_json else say(secret)
    note(t("token.secret"))
    return 0


@access_token.command("list")
@_json
@_home
@_command
def list_tokens(as_json: bool, home: Path | None) -> int:
    """List the tokens: what each may, and when it was used last."""
    from datetime import UTC, datetime

    from recto.cli.terminal import note, say, say_json
    from recto.library import Library
    from recto.links import one_line

    with Library(home, create=False) as library:
        names = {collection.id: collection.name for collection in library.collections.all()}
        tokens = library.tokens.all()
    for token in tokens:
        visible = [names.get(id, "(deleted)" if as_json else t("token.deleted")) for id in token.collections]
        used = datetime.fromtimestamp(token.used, UTC) if token.used else None
        if as_json:
            about = {"name": token.name, "read": token.read_only, "collections": visible or None}
            say_json({**about, "created": token.created, "used": token.used})
            continue
        what = t(
            "token.reads" if token.read_only else "token.changes", what=", ".join(visible) or t("token.everything")
        )
        when = t("token.used", time=f"{used:%Y-%m-%d %H:%M}") if used else t("token.unused")
        say(f"{one_line(token.name)}  {one_line(what)}, {when}")
    if not tokens:
        note(t("token.none"))
    return 0


@access_token.command("revoke")
@click.argument("name")
@_home
@_command
def revoke_token(name: str, home: Path | None) -> int:
    """Forget a token: a server that runs refuses it from the next request on."""
    from recto.cli.terminal import say
    from recto.library import Library
    from recto.links import one_line

    with Library(home, create=False) as library:
        say(t("token.revoked", name=one_line(library.tokens.revoke(name).name)))
    return 0
