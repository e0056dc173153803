"""Clinical decision support for calcium supplements: FHIR R4 data in, CDS Hooks cards out, each with its proof.

``cds.evaluate("bundle.json")`` is the whole way; docs/python.md has every name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cds.api.functions import cards_of, evaluate, open_rulebook, parse_json, read_record, result_of
    from cds.api.many import evaluate_all
    from cds.api.results import Results
    from cds.errors import CdsError, DisagreementError, EngineError, RecordError, RulebookError
    from cds.evaluation import Evaluation
    from cds.rulebook.model import RuleBook

    __version__: str

__all__ = [
    "CdsError",
    "DisagreementError",
    "EngineError",
    "Evaluation",
    "RecordError",
    "Results",
    "RuleBook",
    "RulebookError",
    "__version__",
    "cards_of",
    "evaluate",
    "evaluate_all",
    "open_rulebook",
    "parse_json",
    "read_record",
    "result_of",
]
_HOMES = {
    "cds.api.functions": ("cards_of", "evaluate", "open_rulebook", "parse_json", "read_record", "result_of"),
    "cds.api.many": ("evaluate_all",),
    "cds.api.results": ("Results",),
    "cds.errors": ("CdsError", "DisagreementError", "EngineError", "RecordError", "RulebookError"),
    "cds.evaluation": ("Evaluation",),
    "cds.rulebook.model": ("RuleBook",),
}
"""Where each name lives; it is loaded when it is asked for, so that a probe of a service starts in no time."""


def __getattr__(name: str) -> object:
    """A public name, from its home."""
    if name == "__version__":
        return import_module("cds.about").version()
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'cds' has no attribute '{name}'")


def __dir__() -> list[str]:
    """The public names, also those that nobody has asked for yet."""
    return sorted(__all__)
