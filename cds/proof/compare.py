"""Two rules, or one rule in two versions of the rulebook: equivalent, one implies the other, disjoint, or none.

They are compared by when they fire. Both versions must be able to read the patient: what one of them refuses (an
implausible value, a result too old) is compared as missing in neither.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import z3

from cds.proof.decision import Decided
from cds.proof.patient import Patient
from cds.proof.report import Proof, Verdict, Witnesses, proof_of
from cds.proof.search import Search
from cds.proof.three_valued import Bool
from cds.proof.values import Variables
from cds.rulebook.model import RuleBook


class Side(NamedTuple):
    """One of the two that are compared: its name and when it fires."""

    name: str
    rule: str
    fires: Bool


def compare_rules(book: RuleBook, one: str, other: str) -> tuple[Proof, ...]:
    """How two rules of a rulebook relate."""
    answer = Decided(Patient(book, Variables()))
    sides = Side(one, one, answer.fires[one]), Side(other, other, answer.fires[other])
    return tuple(_compared(Search([answer]), *sides))


def compare_versions(new: RuleBook, old: RuleBook, rule: str) -> tuple[Proof, ...]:
    """How a rule relates to itself in another version of the rulebook."""
    variables = Variables()
    now, before = (Decided(Patient(book, variables)) for book in (new, old))
    sides = Side(f"{rule} (new)", rule, now.fires[rule]), Side(f"{rule} (old)", rule, before.fires[rule])
    return tuple(_compared(Search([now, before]), *sides))


def _compared(search: Search, one: Side, other: Side) -> Iterator[Proof]:
    """How they relate; nothing where one of them never fires, of which everything would be true."""
    begun = time.perf_counter()
    never = [side.name for side in (one, other) if search.is_impossible(side.fires)]
    if never:
        says = f"{' and '.join(never)} never fires (switched off, or unreachable): nothing was compared."
        yield proof_of("comparable", None, says, (one.rule, other.rule), None, time.perf_counter() - begun)
        return
    questions = (
        ("equivalent", f"{one.name} and {other.name} fire for the same patients", z3.Xor(one.fires, other.fires)),
        ("implies", f"whenever {one.name} fires, so does {other.name}", z3.And(one.fires, z3.Not(other.fires))),
        ("implied", f"whenever {other.name} fires, so does {one.name}", z3.And(other.fires, z3.Not(one.fires))),
        ("disjoint", f"{one.name} and {other.name} never fire together", z3.And(one.fires, other.fires)),
    )
    for name, says, counterexample in questions:
        begun = time.perf_counter()
        verdict = _answered(search, says, (one.rule, other.rule), name, counterexample)
        yield proof_of(name, verdict.holds, verdict.says, verdict.rules, verdict.found, time.perf_counter() - begun)


def _answered(search: Search, says: str, rules: tuple[str, ...], name: str, counterexample: Bool) -> Verdict:
    impossible = search.is_impossible(counterexample)
    if impossible:
        return Verdict(True, f"{says}, for every patient.", rules)
    found: Witnesses | None = search.find(name, counterexample)
    if found is None:
        return Verdict(None, f"It is not proved that {says}; no patient was found for whom it is otherwise.", rules)
    return Verdict(False, f"It is not so that {says}.", rules, found)
