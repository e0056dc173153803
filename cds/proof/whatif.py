"""What-if questions answered exactly: the decision is worked out for each of the values that a question compares.

As in ``cds.evaluation``: in the answers that are compared, all what-if findings are absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import z3

from cds.forms.whatif import ChangedBy, DependsOn
from cds.proof.decision import Decided
from cds.proof.patient import Patient
from cds.proof.three_valued import SURE, Bool, exact
from cds.proof.values import Value, chosen, point_value
from cds.quantity import ABSENT
from cds.reasoning.program import program_of
from cds.rulebook.model import SEXES, AnyTerm, RuleBook, is_sex


def settling_laws(patient: Patient) -> list[Bool]:
    """What makes every what-if finding of a patient say whether the outcomes that it compares differ."""
    laws: list[Bool] = []
    for name in program_of(patient.book).whatif:
        answers = [Decided(one) for one in _variants(patient, name)]
        laws += [law for answer in answers for law in answer.patient.laws]
        laws.append(patient.state(name).sure == _differs(patient.book, answers))
    return laws


def _variants(patient: Patient, name: str) -> Iterator[Patient]:
    definition = patient.book.findings[name].definition
    absent = dict.fromkeys(program_of(patient.book).whatif, SURE[ABSENT])
    if isinstance(definition, ChangedBy):
        own, other = patient.value(definition.term), patient.value(definition.by)
        replaced = chosen(z3.And(own.known, other.known), other, own)
        ends: list[Mapping[str, Value]] = [{}, {definition.term: replaced}]
    elif isinstance(definition, DependsOn):
        ends = [
            {term: _end(patient.book.terms[term], patient.value(term), end) for term in definition.open_terms}
            for end in (0, 1)
        ]
    else:
        ends = []
    for given in ends:
        yield Patient(patient.book, patient.variables, given, absent)


def _end(term: AnyTerm, value: Value, end: int) -> Value:
    """The low or the high end of an interval; one sex and the other where it is not known."""
    if is_sex(term):
        return chosen(value.known, value, point_value(exact(sorted(SEXES.values())[end])))
    number = (value.low, value.high)[end]
    closed = z3.BoolVal(False)
    return chosen(value.is_point, value, value.but(low=number, high=number, low_open=closed, high_open=closed))


def _differs(book: RuleBook, answers: list[Decided]) -> Bool:
    if len(answers) < 2:
        return z3.BoolVal(False)
    one, other = answers
    return z3.Or([one.outcome[name] != other.outcome[name] for name in book.outcomes])
