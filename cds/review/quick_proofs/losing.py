"""Results that are lost: from the chart of a case everything is taken away that one family of results says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cds.facts.chart import Chart, Supposed
from cds.facts.fact import Fact
from cds.quantity import point
from cds.review.cases import chart_with
from cds.review.quick_proofs.resting import computed_with, families, rests_on
from cds.rulebook.cases import Given
from cds.rulebook.graph import TERM
from cds.rulebook.model import RuleBook, Way


class Family(NamedTuple):
    """Results that are lost together, and the terms that are worked out from them.

    ``read_by`` are the rules that rest on one of them: these may well decide otherwise without it.
    """

    members: tuple[str, ...]
    about: frozenset[str]
    read_by: frozenset[str]

    def shown_in(self, chart: Chart) -> tuple[str, Fact] | None:
        """The value that a chart holds of it, under the name that the case knows; None where there is none."""
        supposed = [name for name in chart.supposed.facts if name in self.about]
        found = ((name, chart.value(name)) for name in (*reversed(supposed), *self.members))
        return next(((name, fact) for name, fact in found if fact is not None), None)


class Loss(NamedTuple):
    """What was lost and in which way of safety.yaml: its name, its value, the charts with it and without it."""

    way: Way
    name: str
    fact: Fact
    held: Chart
    left: Chart


@lru_cache(maxsize=8)
def families_of(book: RuleBook) -> tuple[Family, ...]:
    """The families of results of a rulebook."""
    behind = {rule: rests_on(book, rule) for rule in book.rules}
    found = []
    for members in families(book):
        about = frozenset(members).union(*(computed_with(book, name) for name in members))
        read_by = frozenset(rule for rule, nodes in behind.items() if any((TERM, name) in nodes for name in about))
        found.append(Family(members, about, read_by))
    return tuple(found)


def without(chart: Chart, family: Family) -> Chart | None:
    """The chart without these results; None where what the case supposes of them would be there all the same.

    What is worked out from them follows from what is left; a case that supposes it outright cannot say what that is.
    """
    facts, states, past = chart.supposed
    kept = {name: fact for name, fact in facts.items() if name not in family.about}
    kept |= dict.fromkeys(family.members)
    changed = {*family.about & facts.keys(), *family.members}
    left = {name: readings for name, readings in past.items() if name not in family.about}
    lost = chart.supposed_otherwise(Supposed(kept, states, left), changed)
    gone = (name for name in family.about & facts.keys() if facts[name] is not None)
    return None if any(lost.value(name) is not None for name in gone) else lost


def losses(chart: Chart, decided_by: str) -> Iterator[Loss]:
    """What can be lost: a result on which the deciding rule does not rest, or a normal one in place of what is held."""
    for family in families_of(chart.book):
        held = family.shown_in(chart)
        left = without(chart, family) if held else None
        if held and left:
            if decided_by not in family.read_by:
                yield Loss("result lost", *held, chart, left)
            for name, fact in _normal_of(chart.book, family.members):
                yield Loss("normal result lost", name, fact, left.supposing({name: fact}, {}), left)


@lru_cache(maxsize=256)
def _normal_of(book: RuleBook, members: tuple[str, ...]) -> tuple[tuple[str, Fact], ...]:
    """The normal results of a family, each the only one of its kind, as a case has them."""
    normal = book.safety.normal if book.safety else {}
    given = {name: Given(point(normal[name]), book.terms[name].unit) for name in members if name in normal}
    facts = ((name, chart_with(book, name, value).supposed.facts[name]) for name, value in given.items())
    return tuple((name, fact) for name, fact in facts if fact is not None)
