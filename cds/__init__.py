"""Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out, each with its proof."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds.bookshelf import open_rulebook
    from cds.cards.card import cards_of
    from cds.errors import CdsError, DisagreementError, EngineError, RecordError, RulebookError
    from cds.evaluation import Evaluation, evaluate
    from cds.intake.reading import parse_json, read_record
    from cds.result import result_of
    from cds.rulebook.model import RuleBook

__all__ = [
    "CdsError",
    "DisagreementError",
    "EngineError",
    "Evaluation",
    "RecordError",
    "RuleBook",
    "RulebookError",
    "cards_of",
    "evaluate",
    "open_rulebook",
    "parse_json",
    "read_record",
    "result_of",
]
_HOMES = {
    "cds.bookshelf": ("open_rulebook",),
    "cds.cards.card": ("cards_of",),
    "cds.errors": ("CdsError", "DisagreementError", "EngineError", "RecordError", "RulebookError"),
    "cds.evaluation": ("Evaluation", "evaluate"),
    "cds.intake.reading": ("parse_json", "read_record"),
    "cds.result": ("result_of",),
    "cds.rulebook.model": ("RuleBook",),
}
"""Where each name lives; it is loaded when it is asked for, so that a probe of a service starts in no time."""


def __getattr__(name: str) -> object:
    """A public name, from its home."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'cds' has no attribute '{name}'")
