"""What a rule reads from a record, as DataRequirements with the ValueSets of its terms."""

from __future__ import annotations

from cds.exchange.naming import reference, term_ids
from cds.exchange.publication import Json
from cds.exchange.value_set import has_value_set
from cds.facts.roots import TERM
from cds.review.reach import findings_of_rule, reached
from cds.rulebook.model import AnyTerm, Condition, Measurement, Rule, RuleBook

MEDICINES = (("MedicationStatement", "medication"), ("MedicationRequest", "medication"))


def inputs_of(book: RuleBook, rule: Rule) -> list[Json]:
    """The coded data that can change what the rule does, through everything that it is worked out from."""
    terms = sorted(name for kind, name in reached(book, findings_of_rule(rule)) if kind == TERM)
    return [
        {
            "type": kind,
            "codeFilter": [{"path": path, "valueSet": reference(book, "ValueSet", term_ids(book)[name])}],
        }
        for name in terms
        if has_value_set(book, name)
        for kind, path in _places(book.terms[name])
    ]


def _places(term: AnyTerm) -> tuple[tuple[str, str], ...]:
    if isinstance(term, Measurement):
        return (("Observation", "code"),)
    return (("Condition", "code"),) if isinstance(term, Condition) else MEDICINES
