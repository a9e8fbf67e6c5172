"""Language models for those who run recto and may not know the engines: the shells and evaluation.

Which there are, which one writes, how fast it is, fetching and removing.
"""

from recto.llm.choose import Choice
from recto.llm.models import (
    Entry,
    borrowed,
    explain_choice,
    list_models,
    measured,
    measuring,
    pulling,
    remove,
    resolve_model,
)
from recto.llm.presets import PRESETS, Preset
from recto.llm.pull import package
from recto.llm.speeds import USUAL_PROMPT, Speeds

__all__ = [
    "PRESETS",
    "USUAL_PROMPT",
    "Choice",
    "Entry",
    "Preset",
    "Speeds",
    "borrowed",
    "explain_choice",
    "list_models",
    "measured",
    "measuring",
    "package",
    "pulling",
    "remove",
    "resolve_model",
]
