"""The list of properties, proved one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from cds.proof import always, ladders, reach, safety, switches
from cds.proof.report import Proof, proof_of
from cds.proof.verdict import Verdict
from cds.rulebook.model import RuleBook


class Bench:
    """The patients that the properties speak of, made when the first of them asks."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book

    @cached_property
    def single(self) -> always.Single:
        """Any one patient."""
        return always.Single(self.book)

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
PROPERTIES: dict[str, Property] = {
    "never-errors": Property("the answer never breaks", lambda bench: always.never_errors(bench.single)),
    "one-outcome": Property("everybody gets exactly one outcome, and every adult with a calcium product is answered",
                            lambda bench: always.one_outcome(bench.single)),
    "ladders": Property("steps of one ladder neither overlap nor leave a gap",
                        lambda bench: ladders.ladders(bench.single)),
    "reachable": Property("no rule is unreachable or always overruled", lambda bench: reach.reachable(bench.single)),
    "effective": Property("no code, text or silencing is dead", lambda bench: reach.effective(bench.single)),
    "contradictions": Property("no two contradictory codes are said together",
                               lambda bench: always.no_contradictions(bench.single)),
    "never-claims": Property("no card makes a claim that none may make",
                             lambda bench: always.no_never_claims(bench.single)),
    "safe-contraindication": Property("a contraindication never makes the answer more permissive",
                                      lambda bench: safety.contraindications(bench.pair)),
    "safe-kidneys": Property("worse kidneys never make the answer more permissive",
                             lambda bench: safety.worse_kidneys(bench.pair)),
    "safe-calcium": Property("a higher calcium never makes the answer more permissive",
                             lambda bench: safety.higher_calcium(bench.pair)),
    "safe-normal-lost": Property("an unknown result is never more permissive than a normal one",
                                 lambda bench: safety.lost_normal_results(bench.pair)),
    "safe-lost": Property("a lost result makes the answer more permissive only where the deciding rule rested on it",
                          lambda bench: safety.lost_results(bench.pair)),
    "switches": Property("no set of switches gives a more permissive outcome than the whole rulebook",
                         lambda bench: switches.switched(bench.switching)),
}  # fmt: skip


def prove(
    book: RuleBook,
    only: Iterable[str] = (),
    step: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Proof, ...]:
    """The proofs of a rulebook, in the order of ``PROPERTIES``: one for each property that holds, one for each failure.

    Args:
        book: the rulebook; proofs are about all of it, but for what a hospital leaves out and answers for. The last
            property is about any other rules that are switched off, those of an overlay too.
        only: the names of properties; all of them when there are none.
        step: called with how many properties are done, and of how many.

    """
    names = [name for name in PROPERTIES if not tuple(only) or name in tuple(only)]
    bench, found = Bench(switches.whole_of(book)), list[Proof]()
    for number, name in enumerate(names):
        step(number, len(names))
        found += _proved(bench, name)
    return tuple(found)


def _proved(bench: Bench, name: str) -> Iterator[Proof]:
    """What became of a property: all that does not hold, or else that it holds; never neither."""
    begun, said = time.perf_counter(), False
    for verdict in map(_if_asked, PROPERTIES[name].ask(bench)):
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
