"""Where the specification lets an answer become more permissive although the patient got worse, or a result was lost.

Each is a formula over the two answers, with its source; what a rulebook does not have makes no exception. The numbers
of sections are those of the clinical content that the rules are written from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import z3

from cds.proof.decision import Decided
from cds.proof.rails import FALSE, Bool, disjunction

PERMISSIVE = ("stop", "hold", "insufficient-data", "adjust-dose", "continue")
"""The outcomes from the strictest to the most permissive; outside the scope (not-applicable) nothing is compared."""


class Listed(NamedTuple):
    """An exception: what it is, where it is written, and when it applies to an answer before and after."""

    name: str
    source: str
    applies: Callable[[Decided, Decided], Bool]


def more_permissive(before: Decided, after: Decided) -> Bool:
    """The answer after is more permissive than the one before."""
    pairs = ((one, other) for place, one in enumerate(PERMISSIVE) for other in PERMISSIVE[place + 1 :])
    return disjunction(z3.And(before.outcome.get(one, FALSE), after.outcome.get(other, FALSE)) for one, other in pairs)


def excused(exceptions: Iterable[Listed], before: Decided, after: Decided) -> Bool:
    """One of the exceptions applies."""
    return z3.Or([exception.applies(before, after) for exception in exceptions])


def _decided_by(answer: Decided, *rules: str) -> Bool:
    return z3.Or([answer.decided_by(rule) for rule in rules if rule in answer.book.rules] or [FALSE])


def _may_be(answer: Decided, finding: str) -> Bool:
    return answer.patient.state(finding).maybe if finding in answer.book.findings else FALSE


def _is(answer: Decided, finding: str) -> Bool:
    return answer.patient.state(finding).sure if finding in answer.book.findings else FALSE


def _known(answer: Decided, term: str) -> Bool:
    return answer.patient.value(term).known if term in answer.book.terms else FALSE


def _lost(term: str) -> Callable[[Decided, Decided], Bool]:
    return lambda before, after: z3.And(_known(before, term), z3.Not(_known(after, term)))


def _found(term: str) -> Callable[[Decided, Decided], Bool]:
    return lambda before, after: z3.And(z3.Not(_known(before, term)), _known(after, term))


def _asked(term: str, rule: str) -> Callable[[Decided, Decided], Bool]:
    """A value is lost and a rule asks for it: no exemption waives it."""
    return lambda before, after: z3.And(_lost(term)(before, after), after.fires.get(rule, FALSE),
                                        z3.Not(after.acts.get("low-risk exemption", FALSE)))  # fmt: skip


def _begins(entry: str) -> Callable[[Decided, Decided], Bool]:
    """An entry of silencing.yaml acts after and did not before."""
    return lambda before, after: z3.And(after.acts.get(entry, FALSE), z3.Not(before.acts.get(entry, FALSE)))


def _treatment(before: Decided, after: Decided) -> Bool:
    rules = ("GUARD-01", "CA-05", "GUARD-02")
    acts = after.acts.get("calcium measured low", FALSE)
    may_be = _may_be(after, "hypoparathyroidism")
    return z3.Or(_decided_by(before, *rules), _decided_by(after, *rules), acts, may_be)


def _no_longer(finding: str) -> Callable[[Decided, Decided], Bool]:
    """A finding was possible before and is not present after."""
    return lambda before, after: z3.And(_may_be(before, finding), z3.Not(_is(after, finding)))


def _begins_to_be(finding: str) -> Callable[[Decided, Decided], Bool]:
    """A finding is present after and was not before."""
    return lambda before, after: z3.And(_is(after, finding), z3.Not(_is(before, finding)))


def _what_if(before: Decided, _: Decided) -> Bool:
    asks = ("the sex decides", "unclear dose that matters", "double supplements decide", "double binders decide")
    return z3.Or([_is(before, finding) for finding in asks])


ALWAYS = (
    Listed("calcium is treatment: measured low, or hypoparathyroidism",
           "section 5, blocks 'low calcium' and 'hypoparathyroidism without high calcium'", _treatment),
    Listed("antiresorptive treatment protects calcium",
           "section 5, block 'antiresorptive protection' (FDAPROLIA2024)",
           lambda _, after: _may_be(after, "antiresorptive protection")),
)  # fmt: skip
WORSE = (
    *ALWAYS,
    Listed("the disease makes the calcium too old: what it said is unknown, and it is asked for",
           "section 4, calcium window", _asked("calcium to use", "DATA-02")),
    Listed("acute kidney injury makes the eGFR meaningless",
           "section 4, eGFR to use; section 5b, 'acute kidney injury'",
           lambda before, after: z3.And(_lost("eGFR to use")(before, after), _is(after, "acute kidney injury"))),
    Listed("the eGFR is too old for such kidneys, and it is asked for",
           "section 4, kidney window", _asked("eGFR", "DATA-03")),
    Listed("the eGFR is too old for such kidneys, and a computed one takes its place",
           "section 4, eGFR: newest reported, else CKD-EPI 2021", _begins_to_be("eGFR is a computed one")),
    Listed("on dialysis nobody needs an eGFR",
           "section 4, kidney window: 'not needed on dialysis'",
           lambda before, after: z3.And(_decided_by(before, "DATA-03"), _is(after, "dialysis"))),
    Listed("on dialysis with a binder nephrology manages active vitamin D",
           "section 5b, 'active vitamin D with binder on dialysis'",
           _begins("active vitamin D with binder on dialysis")),
    Listed("with active vitamin D the CKD limit is a question for nephrology",
           "RENAL-01 and RENAL-02 (KDOQI2020)",
           lambda before, after: z3.And(_decided_by(before, "RENAL-01"), _is(after, "active vitamin D"))),
    Listed("kidney disease explains an unspecified hyperparathyroidism",
           "section 6, PTH-03: 'unspecified codes count only without CKD G3+/dialysis'",
           _no_longer("primary hyperparathyroidism")),
    Listed("the calcium is recent enough again: the eGFR that shortened its window is too old to be used",
           "section 4, calcium window", _found("calcium to use")),
    Listed("records that contradicted each other agree now", "DATA-07",
           lambda before, _: _decided_by(before, "DATA-07")),
    Listed("a what-if question no longer makes a difference", "DATA-01, DATA-04, DATA-07", _what_if),
    Listed("with denosumab and an eGFR below 30 the specialist sets the dose",
           "section 5b, 'denosumab with eGFR below 30'", _begins("denosumab with eGFR below 30")),
    Listed("one target only: the question about the CKD limit takes the place of the dose message",
           "section 5b, 'CKD limit shown'", _begins("CKD limit shown")),
)  # fmt: skip
LOST = (
    *ALWAYS,
    Listed("nothing is reduced on an assumed diet: the question is asked and the dose goes on",
           "section 3: dose rules use the lowest total",
           lambda before, after: z3.And(z3.Not(before.outcome["stop"]), z3.Not(before.outcome["hold"]),
                                        z3.Not(_known(after, "recorded dietary calcium")))),
    Listed("a calcimimetic without a calcium: it may be low",
           "section 5b, 'calcimimetic without calcium in 90 days'", _begins("calcimimetic without calcium in 90 days")),
    Listed("on dialysis with a binder nephrology manages active vitamin D",
           "section 5b, 'active vitamin D with binder on dialysis'",
           _begins("active vitamin D with binder on dialysis")),
    Listed("a PTH that is normal elsewhere is too low on dialysis",
           "RENAL-05 (KDIGOMBD2017): two PTH below twice the upper limit",
           lambda before, _: _may_be(before, "PTH below 130 twice")),
    Listed("a what-if question no longer makes a difference", "DATA-01, DATA-04, DATA-07", _what_if),
    Listed("records that contradicted each other are no longer all there", "DATA-07",
           lambda before, after: z3.Or(_decided_by(before, "DATA-07"),
                                       _no_longer("dialysis against eGFR")(before, after))),
)  # fmt: skip
