"""A place of a text grown to whole sentences around it, until there is enough to judge it by."""

from bisect import bisect_left
from collections.abc import Sequence

from recto.text.contents import leads_to_page
from recto.text.lists import announces
from recto.text.sentences import Range

LONGEST = 450  # characters: enough to judge a sentence by, and three of them fit a screen


def grown(text: str, sentences: Sequence[Range], place: Range, limit: int = LONGEST) -> Range:
    """A place of a page with whole sentences around it: one after it and one before it in turns, while they fit.

    Nothing grows across ink that is in no sentence, such as a running head, nor into or out of a table of contents; and
    it does not end with a heading, or with a colon.
    """
    start, end = place
    is_entry = leads_to_page(text, place)
    after, before = (bisect_left(sentences, (edge, edge)) for edge in (end, start))
    sides = [list(reversed(sentences[after:])), list(sentences[:before])]  # the nearest one last
    while any(sides):
        for side in filter(None, sides):
            sentence = side.pop()
            gap = text[min(end, sentence[1]) : max(start, sentence[0])]
            wider = min(start, sentence[0]), max(end, sentence[1])
            if wider[1] - wider[0] > limit or gap.strip() or leads_to_page(text, sentence) != is_entry:
                side.clear()
            else:
                start, end = wider
    last = bisect_left(sentences, (end, end)) - 1
    if last >= after and announces(text, sentences[last]):
        end = sentences[last - 1][1] if last > after else place[1]
    return start, end
