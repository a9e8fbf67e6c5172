"""Elements of HTML that a browser draws itself: what a reader sees of pictures and of the controls of forms."""

from selectolax.lexbor import LexborNode

MARKS = ("checkbox", "radio")
UNSEEN = ("hidden", "password", "file", "image", "color", "range")  # their values are for programs, or a secret


def alternative(picture: LexborNode) -> str:
    """What is said in the place of a picture."""
    return picture.attributes.get("alt") or ""


def entered(control: LexborNode) -> str:
    """The value that stands in a field, or a check mark as in the forms of PDFs."""
    attributes = control.attributes
    kind = (attributes.get("type") or "").lower()
    if kind in MARKS:
        return " [x] " if "checked" in attributes else " [ ] "
    return "" if kind in UNSEEN else f" {attributes.get('value') or ''} "


def selected(menu: LexborNode) -> str:
    """The options that are chosen; the first one if none is, as only lists of several can be without."""
    options = menu.css("option")
    choices = [option for option in options if "selected" in option.attributes]
    if not choices and "multiple" not in menu.attributes:
        choices = options[:1]
    return f" {', '.join(option.text().strip() for option in choices)} "


WORDS = {"img": alternative, "input": entered, "select": selected}
