"""Monotone safety: a patient who gets worse, or a result that is lost, never makes the answer more permissive.

Two patients are compared who are the same but for one thing. Where the specification says otherwise stands in
``cds.proof.exceptions``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import z3

from cds.forms.comparing import SomeResult, Twice
from cds.forms.records import After
from cds.forms.results import Repeated
from cds.proof.codes import meant
from cds.proof.decision import Decided
from cds.proof.exceptions import LOST, WORSE, Listed, excused, more_permissive, undefined_in
from cds.proof.names import Name
from cds.proof.needed import CALCIUM, CONTRAINDICATIONS, HIGH_CALCIUM, KIDNEYS, NORMAL, not_tried, terms
from cds.proof.patient import Patient
from cds.proof.rails import Bool, exact
from cds.proof.search import Search
from cds.proof.values import Value
from cds.proof.variables import Variables
from cds.proof.verdict import Verdict
from cds.proof.whatif import settling_laws
from cds.reasoning.program import program_of
from cds.rulebook.graph import FINDING, TERM, findings_of_removal, findings_of_rule, graph_of, measured_by
from cds.rulebook.model import Computed, Measurement, RuleBook

FAMILIES = ("newest calcium", "newest of", "first usable", "total or sum of fractions")
"""The formulas that choose one of several results of the same thing: they are lost together."""


class Change(NamedTuple):
    """What differs between two patients: in words, what it is about, and how."""

    says: str
    about: frozenset[str]
    how: tuple[Bool, ...]


class Pair:
    """The same patient before and after a change.

    ``search`` leaves what-if questions open, which proves most; ``closer`` settles them where that is not enough.
    """

    def __init__(self, book: RuleBook, before: Decided) -> None:
        self.book = book
        self.before, self.after = before, Decided(Patient(book, Variables("'")))
        self.search = Search((self.before, self.after))
        self.always = frozenset(f"finding {name}" for name in program_of(book).whatif)

    @cached_property
    def closer(self) -> Search:
        """The search in which what-if questions are settled."""
        laws = [law for answer in (self.before, self.after) for law in settling_laws(answer.patient)]
        return Search((self.before, self.after), laws)

    def verdicts(
        self,
        changes: Iterator[Change],
        exceptions: Sequence[Listed],
        needed: Iterable[Name] = (),
        also: Callable[[Change], Bool] = lambda _: z3.BoolVal(True),
    ) -> Iterator[Verdict]:
        """For each change that can make an answer more permissive a verdict; one that holds where none can.

        A name that the changes need and nobody defines is not settled.
        """
        yield from not_tried(self.book, needed)
        not_excused = z3.Not(excused(exceptions, self.before, self.after))
        looser = z3.And(more_permissive(self.before, self.after), not_excused)
        tried, excusing_nothing = [], _excusing_nothing(self.book, exceptions)
        for change in changes:
            tried.append(change.says)
            same = self.after.patient.variables.same_but(self.before.patient.variables, change.about | self.always)
            found = self._verdict(change, looser, [same, *change.how, also(change)])
            if found is not None:
                yield found._replace(says=f"{found.says}{excusing_nothing}")
        says = f"{len(tried)} changes tried: {'; '.join(tried)}.{excusing_nothing}"
        yield Verdict(True, says, asked=len(tried))

    def _verdict(self, change: Change, looser: Bool, such: list[Bool]) -> Verdict | None:
        """None where no patient who changes so gets a looser answer; but there must be such patients."""
        formulas = [looser, *such]
        if self.search.is_impossible(*formulas):
            nobody = self.search.is_impossible(*such)
            return Verdict(None, f"{change.says}: no patient is such, so nothing was tried.") if nobody else None
        impossible = self.closer.is_impossible(*formulas)
        if impossible:
            return None
        found = self.closer.find(f"safety: {change.says}", *formulas)
        if impossible is None and found is None:
            return Verdict(None, f"{change.says}: the solver did not find out in time.")
        if found is None:
            return Verdict(None, f"{change.says}: the answer may become more permissive; possible, not confirmed.")
        one, other = found.seen
        says = f"{change.says}: {one.outcome} ({one.decided_by}) becomes {other.outcome} ({other.decided_by})."
        return Verdict(False, says, (one.decided_by, other.decided_by), found)


def _excusing_nothing(book: RuleBook, exceptions: Iterable[Listed]) -> str:
    """The names of exceptions that nobody defines: without them the property is stricter than it was written."""
    unknown = ", ".join(f"{name.kind} '{name.name}'" for name in undefined_in(exceptions, book))
    says = " An exception excuses nothing while the rule files do not define its names"
    return f"{says}: {unknown}." if unknown else ""


def contraindications(pair: Pair) -> Iterator[Verdict]:
    """A contraindication that is added (or becomes certain)."""
    return pair.verdicts(_added(pair), WORSE, terms(CONTRAINDICATIONS))


def _added(pair: Pair) -> Iterator[Change]:
    for name in CONTRAINDICATIONS:
        if name in pair.book.terms:
            before, after = (answer.patient.recorded(name) for answer in (pair.before, pair.after))
            about = frozenset({f"{name} is on record", *_findings_about(pair.book, name, After)})
            yield Change(f"{name} is added", about, (after.sure, z3.Not(before.sure)))


def _findings_about(book: RuleBook, term: str, *kinds: type) -> Iterator[str]:
    for name, finding in book.findings.items():
        sentence = finding.definition
        if isinstance(sentence, kinds) and term in sentence.terms:
            yield f"finding {name}"


def worse_kidneys(pair: Pair) -> Iterator[Verdict]:
    """The reported eGFR is lower, on the same day; one number each."""
    return pair.verdicts(_moved(pair, KIDNEYS, "lower"), WORSE, terms([KIDNEYS]))


def higher_calcium(pair: Pair) -> Iterator[Verdict]:
    """The serum calcium is higher, and high; one number each."""
    needed = (*terms([CALCIUM]), Name("finding", HIGH_CALCIUM))
    return pair.verdicts(_moved(pair, CALCIUM, "higher"), WORSE, needed)


def _moved(pair: Pair, name: str, word: str) -> Iterator[Change]:
    if name not in pair.book.terms:
        return
    family = {name, *(term for term in _computed_with(pair.book, name) if not _by_date(pair.book, term, name))}
    history = {f for term in family for f in _findings_about(pair.book, term, Twice)}
    how: list[Bool] = []
    for term in family & pair.after.patient.variables.made.keys():
        before, after = (answer.patient.value(term) for answer in (pair.before, pair.after))
        less, more = (after, before) if word == "lower" else (before, after)
        ends = z3.And(less.low <= more.low, less.high <= more.high,
                      z3.Implies(z3.And(less.high == more.high, more.high_open), less.high_open),
                      z3.Implies(z3.And(less.low == more.low, less.low_open), more.low_open))  # fmt: skip
        how.append(z3.Implies(z3.And(before.known, after.known), z3.And(before.age == after.age, ends)))
    values = [answer.patient.value(name) for answer in (pair.before, pair.after)]
    how += [z3.And(value.known, value.is_point, z3.Not(value.low_open), z3.Not(value.high_open)) for value in values]
    for finding in history:
        sure = [answer.patient.state(finding.removeprefix("finding ")).sure for answer in (pair.before, pair.after)]
        how.append(z3.Implies(*sure))
    if word == "higher" and HIGH_CALCIUM in pair.book.findings:
        how.append(pair.after.patient.state(HIGH_CALCIUM).sure)
    yield Change(f"{name} is {word}", frozenset(family | history), tuple(how))


def _computed_with(book: RuleBook, name: str) -> Iterator[str]:
    """The computed terms whose free numbers follow from a measurement."""
    for term in book.terms.values():
        if isinstance(term, Computed) and name in _inputs_of(book, term.name):
            yield term.name


def _by_date(book: RuleBook, term: str, name: str) -> bool:
    """A computed term reads a measurement's date alone: it is the newest near it."""
    known = book.terms[term]
    if not isinstance(known, Computed) or known.formula != "newest near another":
        return False
    return all(name != other and name not in _inputs_of(book, other) for other in known.inputs[:-1])


def _inputs_of(book: RuleBook, name: str) -> set[str]:
    """The terms that a term is computed from, through computed terms alone."""
    return {term.name for term in measured_by(name, book.terms)} - {name}


def lost_normal_results(pair: Pair) -> Iterator[Verdict]:
    """A normal result, the only one of its kind, is not on record."""
    return pair.verdicts(_lost(pair, normal=True), LOST, terms(NORMAL))


def lost_results(pair: Pair) -> Iterator[Verdict]:
    """Any result is not on record; the deciding rule did not rest on it."""
    return pair.verdicts(_lost(pair, normal=False), LOST, also=lambda change: _decided_without(pair, change))


def _lost(pair: Pair, *, normal: bool) -> Iterator[Change]:
    for family in families(pair.book):
        members = [name for name in family if name in pair.book.terms]
        about = set(members)
        for name in members:
            about |= {*_computed_with(pair.book, name), f"second result of {name}"}
        about |= {f for name in (*members, *about) for f in _findings_about(pair.book, name, Twice, Repeated)}
        about |= {f"{f}: another result" for name in about for f in _findings_about(pair.book, name, SomeResult)}
        how = [z3.Not(pair.after.patient.value(name).known) for name in members]
        if not normal:
            yield Change(f"{' and '.join(members)}: lost", frozenset(about), tuple(how))
        for name in members:
            if normal and name in NORMAL:
                only = _only(pair.before, name, NORMAL[name], members)
                yield Change(f"{name} of {NORMAL[name]:g}: lost", frozenset(about), (*how, only))


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


def _from_history(answer: Decided, name: str) -> Iterator[Value]:
    """Values that are chosen among all results of a measurement."""
    for term in answer.book.terms.values():
        if isinstance(term, Computed) and term.formula == "newest near another" and name in term.inputs:
            yield answer.patient.value(term.name)


def families(book: RuleBook) -> list[tuple[str, ...]]:
    """The measurements, those together of which a formula chooses one."""
    groups = [{t.name} for t in book.terms.values() if isinstance(t, Measurement)]
    together = [{one.name for one in measured_by(term.name, book.terms) if isinstance(one, Measurement)}
                for term in book.terms.values() if isinstance(term, Computed) and term.formula in FAMILIES]  # fmt: skip
    together += [{name, *way.also} for name, way in meant(book).items() if isinstance(book.terms[name], Measurement)]
    for names in together:
        joined = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names] + [set[str]().union(*joined)]
    return sorted(tuple(sorted(group)) for group in groups if group)


def _decided_without(pair: Pair, change: Change) -> Bool:
    """The rule that decides before does not rest on any of these terms."""
    book = pair.book
    terms = {name for name in change.about if name in book.terms}
    free = [rule for rule in book.rules if not any((TERM, term) in rests_on(book, rule) for term in terms)]
    return z3.Or([pair.before.decided_by(rule) for rule in free])


def rests_on(book: RuleBook, rule: str) -> set[tuple[str, str]]:
    """What can change that a rule decides: what it reads, and what could silence it; all, where it asks 'what if'."""
    silencing = [entry for entry in book.removals if rule in entry.votes | entry.cards]
    clauses = [clause for entry in silencing for clause in (*entry.when, *entry.only_if)]
    rules = {rule, *(clause.value for clause in clauses if clause.value in book.rules)}
    names = [name for each in rules for name in findings_of_rule(book.rules[each])]
    names += [name for entry in silencing for name in findings_of_removal(entry)]
    found = graph_of(book).behind_findings(names)
    if any((FINDING, name) in found for name in program_of(book).whatif):
        found |= {(TERM, name) for name in book.terms}
    return found
