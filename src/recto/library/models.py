"""The language models of this machine, for those who may not know the engines themselves: the shells and evaluation.

Which there are, which one writes, who else would see passages; fetching, removing and measuring them.
"""

from recto.llm.choose import Choice, recipient
from recto.llm.models import Entry, chosen, listed, measuring, named, pulling, remove
from recto.llm.presets import PRESETS
from recto.llm.pull import package
from recto.llm.speeds import USUAL_PROMPT, Speeds

__all__ = [
    "PRESETS",
    "USUAL_PROMPT",
    "Choice",
    "Entry",
    "Speeds",
    "chosen",
    "listed",
    "measuring",
    "named",
    "package",
    "pulling",
    "recipient",
    "remove",
]
