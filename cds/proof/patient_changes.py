"""How a patient can change, as safety.yaml speaks of it; what changes with it, and what stays the same.

What hangs together says ``cds.review.quick_proofs.resting``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

import z3

from cds.facts.formulas import FORMULAS
from cds.forms.comparing import SomeResult, Twice
from cds.forms.records import After
from cds.forms.results import Repeated
from cds.proof.decision import Decided
from cds.proof.three_valued import Bool, exact
from cds.proof.values import SolverValue
from cds.review.quick_proofs.resting import computed_with, families, reached_from, rests_on
from cds.rulebook.graph import TERM
from cds.rulebook.model import Computed, RuleBook, SafeProperty, Way


class PatientChange(NamedTuple):
    """What differs between two patients: in words, what it is about, and how."""

    says: str
    about: frozenset[str]
    how: tuple[Bool, ...]


class Two(NamedTuple):
    """The answers to the same patient before and after a change."""

    before: Decided
    after: Decided

    @property
    def book(self) -> RuleBook:
        """The rulebook of both."""
        return self.before.book


def added(two: Two, asked: SafeProperty) -> Iterator[PatientChange]:
    """One of several conditions or medicines is added, or becomes certain."""
    for name in asked.terms:
        before, after = (answer.patient.recorded(name) for answer in two)
        about = frozenset({f"{name} is on record", *findings_about(two.book, name, After)})
        yield PatientChange(f"{name} is added", about, (after.sure, z3.Not(before.sure)))


def moved(two: Two, asked: SafeProperty) -> Iterator[PatientChange]:
    """A value is lower, or higher, on the same day; one number each."""
    (name,), book = asked.terms, two.book
    family = {name, *(term for term in computed_with(book, name) if not by_date(book, term, name))}
    history = {finding for term in family for finding in findings_about(book, term, Twice)}
    how: list[Bool] = []
    for term in family & two.after.patient.variables.made.keys():
        before, after = (answer.patient.value(term) for answer in two)
        is_lower = (asked.way == "lower") is not _falls(book, term)
        ends = _not_above(after, before) if is_lower else _not_above(before, after)
        how.append(z3.Implies(z3.And(before.known, after.known), z3.And(before.age == after.age, ends)))
    how += [_is_one_number(answer.patient.value(name)) for answer in two]
    for finding in history:
        sure = [answer.patient.state(finding.removeprefix("finding ")).sure for answer in two]
        how.append(z3.Implies(*sure))
    if asked.then:
        how.append(two.after.patient.state(asked.then).sure)
    yield PatientChange(f"{name} is {asked.way}", frozenset(family | history), tuple(how))


def _falls(book: RuleBook, term: str) -> bool:
    """Whether a term is computed by a formula that gives more where its first input is less."""
    known = book.terms[term]
    return isinstance(known, Computed) and FORMULAS[known.formula].falls


def _not_above(less: SolverValue, more: SolverValue) -> Bool:
    """Neither end of an interval is above that of another."""
    return z3.And(
        less.low <= more.low,
        less.high <= more.high,
        z3.Implies(z3.And(less.high == more.high, more.high_open), less.high_open),
        z3.Implies(z3.And(less.low == more.low, less.low_open), more.low_open),
    )


def _is_one_number(value: SolverValue) -> Bool:
    return z3.And(value.known, value.is_point, z3.Not(value.low_open), z3.Not(value.high_open))


def normal_lost(two: Two, _: SafeProperty) -> Iterator[PatientChange]:
    """A normal result, the only one of its kind, is not on record."""
    normal = two.book.safety.normal if two.book.safety else {}
    for members, about, how in _lost(two):
        for name in members:
            if name in normal:
                only = _only(two.before, name, normal[name], members)
                yield PatientChange(f"{name} of {normal[name]:g}: lost", about, (*how, only))


def any_lost(two: Two, _: SafeProperty) -> Iterator[PatientChange]:
    """Any result is not on record; the deciding rule did not rest on it."""
    for members, about, how in _lost(two):
        free = _decided_without(two, {name for name in about if name in two.book.terms})
        yield PatientChange(f"{' and '.join(members)}: lost", about, (*how, free))


def _lost(two: Two) -> Iterator[tuple[tuple[str, ...], frozenset[str], tuple[Bool, ...]]]:
    """For each family of measurements, what its loss is about, and that none of them is known any more."""
    book = two.book
    for members in families(book):
        about = set(members)
        for name in members:
            about |= {*computed_with(book, name), f"second result of {name}"}
        about |= {f for name in (*members, *about) for f in findings_about(book, name, Twice, Repeated)}
        about |= {f"{f}: another result" for name in about for f in findings_about(book, name, SomeResult)}
        yield members, frozenset(about), tuple(z3.Not(two.after.patient.value(name).known) for name in members)


def _only(answer: Decided, name: str, number: float, members: Collection[str]) -> Bool:
    """The one result of its kind, one number, with no other of the same day."""
    patient, value = answer.patient, answer.patient.value(name)
    others = [z3.Not(patient.value(other).known) for other in members if other != name]
    made = patient.variables.made.items()
    others += [z3.Not(parts["maybe"]) for key, parts in made if key.endswith(": another result")]
    history = _from_history(answer, name)
    others += [z3.Implies(found.known, found.but(known=value.known).same_as(value)) for found in history]
    own = [value.low == exact(number), value.high == exact(number), z3.Not(value.conflict)]
    own += [z3.Not(value.low_open), z3.Not(value.high_open)]
    return z3.And(value.known, *own, *others)


def _from_history(answer: Decided, name: str) -> Iterator[SolverValue]:
    """Values that are chosen among all results of a measurement."""
    for term in answer.book.terms.values():
        if isinstance(term, Computed) and _is_near_another(term) and name in term.roles["newest of"]:
            yield answer.patient.value(term.name)


def _decided_without(two: Two, terms: Collection[str]) -> Bool:
    """The rule that decides before does not rest on any of these terms."""
    book = two.book
    free = [rule for rule in book.rules if not any((TERM, term) in rests_on(book, rule) for term in terms)]
    return z3.Or([two.before.decided_by(rule) for rule in free])


CHANGES_BY_WAY: Mapping[Way, Callable[[Two, SafeProperty], Iterator[PatientChange]]] = {
    "added": added,
    "lower": moved,
    "higher": moved,
    "normal result lost": normal_lost,
    "result lost": any_lost,
}
"""The changes of a property, by its way."""


def _is_near_another(term: Computed) -> bool:
    """Whether a formula chooses the newest result among those near another value."""
    return {"newest of", "near"} <= term.roles.keys()


def by_date(book: RuleBook, term: str, name: str) -> bool:
    """A computed term is the newest result near a measurement: its own value is that of another one.

    Which result lies near a value that is looked for may follow from the value (a calcium that is high), but only what
    asks for such a value reads it.
    """
    known = book.terms[term]
    if not isinstance(known, Computed) or not _is_near_another(known):
        return False
    return all(name != other and (TERM, name) not in reached_from(book, other) for other in known.roles["newest of"])


def findings_about(book: RuleBook, term: str, *kinds: type) -> Iterator[str]:
    """The findings that are sentences of some kinds about a term, each as it is called among the free variables."""
    for name, finding in book.findings.items():
        sentence = finding.definition
        if isinstance(sentence, kinds) and term in sentence.terms:
            yield f"finding {name}"
