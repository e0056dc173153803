"""The list of properties, proved one after the other: those of every rulebook, and those that its safety.yaml names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import NamedTuple

from cds.proof import always, ladders, safety, sayings, switches
from cds.proof.report import Proof, Verdict, proof_of
from cds.proof.search import Single
from cds.rulebook.model import RuleBook, SafeProperty, Safety


class Bench:
    """The patients that the properties speak of, made when the first of them asks."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book

    @cached_property
    def single(self) -> Single:
        """Any one patient."""
        return Single(self.book)

    @cached_property
    def switching(self) -> switches.Switching:
        """Any one patient, and any set of switches."""
        return switches.Switching(self.book)

    @cached_property
    def pair(self) -> safety.Pair:
        """The same patient before and after a change."""
        return safety.Pair(self.book, self.single.answer)


class Property(NamedTuple):
    """A property in words, and the questions that it comes down to."""

    says: str
    ask: Callable[[Bench], Iterator[Verdict]]


NOTHING_ASKED = Verdict(None, "Nothing was asked: these rule files hold nothing that the property speaks of.")
EVERYWHERE: dict[str, Property] = {
    "never-errors": Property("the answer never breaks", lambda bench: always.never_errors(bench.single)),
    "one-outcome": Property(
        "everybody gets exactly one outcome, and whoever must be answered is",
        lambda bench: always.one_outcome(bench.single),
    ),
    "ladders": Property(
        "steps of one ladder neither overlap nor leave a gap", lambda bench: ladders.ladders(bench.single)
    ),
    "reachable": Property("no rule is unreachable or always overruled", lambda bench: sayings.reachable(bench.single)),
    "effective": Property("no code, text or silencing is dead", lambda bench: sayings.effective(bench.single)),
    "contradictions": Property(
        "no two contradictory codes are said together", lambda bench: sayings.no_contradictions(bench.single)
    ),
    "never-claims": Property(
        "no card makes a claim that none may make", lambda bench: sayings.no_never_claims(bench.single)
    ),
}
"""The properties of every rulebook."""
SWITCHES = Property(
    "no set of switches gives a more permissive outcome than the whole rulebook",
    lambda bench: switches.switched(bench.switching),
)
NOT_ASKED = Property("safety.yaml speaks of every change", lambda bench: safety.not_asked(bench.book))


def properties_of(book: RuleBook) -> dict[str, Property]:
    """The properties of a rulebook by name: those of every one, those of its safety.yaml and what that leaves out."""
    found = dict(EVERYWHERE)
    if any(safety.not_asked(book)):
        found["safety"] = NOT_ASKED
    if book.safety is not None:
        for item in book.safety.properties.values():
            found[item.name] = Property(item.says, partial(_safe, book.safety, item))
    return {**found, "switches": SWITCHES}


def _safe(promised: Safety, item: SafeProperty, bench: Bench) -> Iterator[Verdict]:
    return bench.pair.safe(promised, item)


def prove(
    book: RuleBook,
    only: Iterable[str] = (),
    step: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Proof, ...]:
    """The proofs of a rulebook, in the order of its properties: one for each that holds, one for each failure.

    Args:
        book: the rulebook; proofs are about all of it, but for what a hospital leaves out and answers for. The last
            property is about any other rules that are switched off, those of an overlay too.
        only: the names of properties; all of them when there are none.
        step: called with how many properties are done, and of how many.

    """
    known, wanted = properties_of(book), tuple(only)
    names = [name for name in known if not wanted or name in wanted]
    bench, found = Bench(switches.whole_of(book)), list[Proof]()
    for number, name in enumerate(names):
        step(number, len(names))
        found += proved(bench, name, known[name])
    return tuple(found)


def proved(bench: Bench, name: str, asked: Property) -> Iterator[Proof]:
    """What became of a property: all that does not hold, or else that it holds; never neither."""
    begun, said = time.perf_counter(), False
    for verdict in map(_if_asked, asked.ask(bench)):
        if not (said and (verdict.holds or verdict == NOTHING_ASKED)):
            now = time.perf_counter()
            yield _proof(name, verdict, now - begun)
            begun, said = now, True
    if not said:
        yield _proof(name, NOTHING_ASKED, time.perf_counter() - begun)


def _if_asked(verdict: Verdict) -> Verdict:
    """Whoever asked nothing has proved nothing."""
    return NOTHING_ASKED if verdict.holds and not verdict.asked else verdict


def _proof(name: str, verdict: Verdict, seconds: float) -> Proof:
    return proof_of(name, verdict.holds, verdict.says, verdict.rules, verdict.found, seconds, asked=verdict.asked)
