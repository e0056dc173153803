"""Where the specification lets an answer become more permissive although the patient got worse, or a result was lost.

Each is a statement about the two answers, with its source; one that looks up a name which the rulebook does not define
excuses nothing. The numbers of sections are those of the clinical content that the rules are written from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

import z3

from cds.proof.decision import Decided
from cds.proof.names import Name, undefined
from cds.proof.rails import Bool, disjunction
from cds.proof.statements import (
    Statement,
    acts,
    after,
    before,
    begins,
    decided_by,
    ends,
    fires,
    known,
    outcome_is,
    possible,
    present,
)
from cds.rulebook.model import HOLD, STOP, RuleBook


class Listed(NamedTuple):
    """An exception: what it is, where it is written, and what must be true of the answers before and after."""

    name: str
    source: str
    when: Statement


def more_permissive(before: Decided, after: Decided) -> Bool:
    """The answer after is more permissive than the one before, by the order of the outcomes in precedence.yaml."""
    order = before.book.compared
    pairs = ((one, other) for place, one in enumerate(order) for other in order[place + 1 :])
    return disjunction(z3.And(before.outcome[one], after.outcome[other]) for one, other in pairs)


def excused(exceptions: Iterable[Listed], before: Decided, after: Decided) -> Bool:
    """One of the exceptions applies, of those whose names the rulebook defines."""
    applying = (e.when for e in exceptions if not undefined(before.book, e.when.names))
    return z3.Or([when.formula(before, after) for when in applying])


def undefined_in(exceptions: Iterable[Listed], book: RuleBook) -> list[Name]:
    """The names that exceptions look up and the rulebook does not define."""
    return undefined(book, (name for exception in exceptions for name in exception.when.names))


def any_of(statements: Iterable[Statement]) -> Statement:
    """One of them is true."""
    return reduce(or_, statements)


def _asked(term: str, rule: str) -> Statement:
    """A value is lost and a rule asks for it: no exemption waives it."""
    return ends(known(term)) & after(fires(rule)) & ~after(acts("low-risk exemption"))


def _treatment() -> Iterator[Statement]:
    for rule in ("GUARD-01", "CA-05", "GUARD-02"):
        yield before(decided_by(rule))
        yield after(decided_by(rule))
    yield after(acts("calcium measured low"))
    yield after(possible("hypoparathyroidism"))


WHAT_IF = Listed(
    "a what-if question no longer makes a difference", "DATA-01, DATA-04, DATA-07",
    any_of(before(present(finding)) for finding in (
        "the sex decides", "unclear dose that matters", "double supplements decide", "double binders decide")),
)  # fmt: skip
BINDER_ON_DIALYSIS = Listed(
    "on dialysis with a binder nephrology manages active vitamin D",
    "section 5b, 'active vitamin D with binder on dialysis'", begins(acts("active vitamin D with binder on dialysis")),
)  # fmt: skip
ALWAYS = (
    Listed("calcium is treatment: measured low, or hypoparathyroidism",
           "section 5, blocks 'low calcium' and 'hypoparathyroidism without high calcium'", any_of(_treatment())),
    Listed("antiresorptive treatment protects calcium",
           "section 5, block 'antiresorptive protection' (FDAPROLIA2024)",
           after(possible("antiresorptive protection"))),
    BINDER_ON_DIALYSIS,
    WHAT_IF,
)  # fmt: skip
WORSE = (
    *ALWAYS,
    Listed("the disease makes the calcium too old: what it said is unknown, and it is asked for",
           "section 4, calcium window", _asked("calcium to use", "DATA-02")),
    Listed("acute kidney injury makes the eGFR meaningless",
           "section 4, eGFR to use; section 5b, 'acute kidney injury'",
           ends(known("eGFR to use")) & after(present("acute kidney injury"))),
    Listed("the eGFR is too old for such kidneys, and it is asked for",
           "section 4, kidney window", _asked("eGFR", "DATA-03")),
    Listed("the eGFR is too old for such kidneys, and a computed one takes its place",
           "section 4, eGFR: newest reported, else CKD-EPI 2021", begins(present("eGFR is a computed one"))),
    Listed("on dialysis nobody needs an eGFR",
           "section 4, kidney window: 'not needed on dialysis'",
           before(decided_by("DATA-03")) & after(present("dialysis"))),
    Listed("with active vitamin D the CKD limit is a question for nephrology",
           "RENAL-01 and RENAL-02 (KDOQI2020)", before(decided_by("RENAL-01")) & after(present("active vitamin D"))),
    Listed("kidney disease explains an unspecified hyperparathyroidism",
           "section 6, PTH-03: 'unspecified codes count only without CKD G3+/dialysis'",
           before(possible("primary hyperparathyroidism")) & ~after(present("primary hyperparathyroidism"))),
    Listed("the calcium is recent enough again: the eGFR that shortened its window is too old to be used",
           "section 4, calcium window", begins(known("calcium to use"))),
    Listed("records that contradicted each other agree now", "DATA-07", before(decided_by("DATA-07"))),
    Listed("with denosumab and an eGFR below 30 the specialist sets the dose",
           "section 5b, 'denosumab with eGFR below 30'", begins(acts("denosumab with eGFR below 30"))),
    Listed("one target only: the question about the CKD limit takes the place of the dose message",
           "section 5b, 'CKD limit shown'", begins(acts("CKD limit shown"))),
)  # fmt: skip
LOST = (
    *ALWAYS,
    Listed("nothing is reduced on an assumed diet: the question is asked and the dose goes on",
           "section 3: dose rules use the lowest total",
           ~before(outcome_is(STOP)) & ~before(outcome_is(HOLD)) & ~after(known("recorded dietary calcium"))),
    Listed("a calcimimetic without a calcium: it may be low",
           "section 5b, 'calcimimetic without calcium in 90 days'",
           begins(acts("calcimimetic without calcium in 90 days"))),
    Listed("a PTH that is normal elsewhere is too low on dialysis",
           "RENAL-05 (KDIGOMBD2017): two PTH below twice the upper limit",
           before(possible("PTH below 130 twice"))),
    Listed("records that contradicted each other are no longer all there", "DATA-07",
           before(decided_by("DATA-07")) | (before(possible("dialysis against eGFR"))
                                            & ~after(present("dialysis against eGFR")))),
)  # fmt: skip
