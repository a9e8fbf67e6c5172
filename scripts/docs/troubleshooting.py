"""docs/troubleshooting.md, from the tree of errors."""

from collections.abc import Iterator
from inspect import cleandoc

from scripts.docs.marked import ROOT

from recto.errors import RectoError

PAGE = ROOT / "docs" / "troubleshooting.md"
HEAD = """# When something goes wrong

Each error says what happened and, where a command mends it, names that command. With `--json` and on the server
it has a `kind`; this page says of each kind what it is and what helps. It is written from the errors themselves by
`make figures`.
"""


def page() -> str:
    """The whole page, a section for each kind of error."""
    sections = (
        f"## `{error.kind}`\n\n{cleandoc(error.__doc__ or '')} Exit code {error.exit_code}.\n\n{error.cure}\n"
        for error in errors()
    )
    return "\n".join((HEAD, *sections))


def errors(root: type[RectoError] = RectoError) -> Iterator[type[RectoError]]:
    """The errors that have a kind of their own, in the order of the tree."""
    for error in root.__subclasses__():
        if "kind" in vars(error):
            yield error
        yield from errors(error)


def write() -> None:
    """Write the page."""
    PAGE.write_text(page())
