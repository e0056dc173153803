"""What a rule reads from a record, as DataRequirements with the ValueSets of its terms."""

from __future__ import annotations

from collections.abc import Iterator

from cds.exchange.naming import reference, term_ids
from cds.exchange.value_set import has_value_set
from cds.jsontypes import Json
from cds.rulebook.graph import TERM, graph_of
from cds.rulebook.model import AnyTerm, Condition, Measurement, Rule, RuleBook

MEDICINES = (("MedicationStatement", "medication"), ("MedicationRequest", "medication"))


def inputs_of(book: RuleBook, rule: Rule) -> list[Json]:
    """The coded data that can change what the rule does, through everything that it is worked out from."""
    terms = sorted(name for kind, name in graph_of(book).behind_rule(rule) if kind == TERM)
    return [data for name in terms for data in _data(book, name)]


def _data(book: RuleBook, name: str) -> Iterator[Json]:
    """Where a record holds a term: by its ValueSet, and as the answer to a question."""
    term = book.terms[name]
    if has_value_set(book, name):
        canonical = reference(book, "ValueSet", term_ids(book)[name])
        for kind, path in _places(term):
            yield {"type": kind, "codeFilter": [{"path": path, "valueSet": canonical}]}
    if element := getattr(term, "patient_element", ""):
        yield {"type": "Patient", "mustSupport": [element]}
    if questions := getattr(term, "questions", ()):
        codings = [{"system": code.system, "code": code.code} for code in questions]
        yield {"type": "Observation", "codeFilter": [{"path": "code", "code": codings}]}


def _places(term: AnyTerm) -> tuple[tuple[str, str], ...]:
    if isinstance(term, Measurement):
        return (("Observation", "code"),)
    return (("Condition", "code"),) if isinstance(term, Condition) else MEDICINES
