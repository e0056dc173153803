"""silencing.yaml: what silences what."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from cds.rulebook import lines
from cds.rulebook.declared import NOT_WRITTEN, SOME, Key, Line, Made, Place, Words, Written, several
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import Clause

Clauses: TypeAlias = Annotated[tuple[Clause, ...], Line(lines.clause_line, "")]
"""Conditions, one to a line; every text is one, as what is nothing else is the name of a finding."""
Stage: TypeAlias = Literal["finding", "rule", "outcome"]
STAGES: tuple[tuple[str, Stage], ...] = (
    ("by_the_patient", "finding"),
    ("by_a_rule", "rule"),
    ("by_the_outcome", "outcome"),
)
"""The parts of the file in the order in which they act, and by what each of them silences."""


def _codes(entry: Any, _: Place) -> Frozen[str, frozenset[str]]:
    """Code -> the rules that may not say it: ``stop-calcium, of VD-06``; none where all rules are meant."""
    parts = [text.partition(", of ") for text in entry.codes]
    return Frozen({code: frozenset(several(rules)) for code, _, rules in parts})


class Removal(NamedTuple):
    """What one entry of silencing.yaml takes away, in the order of the file.

    It acts while any clause of ``when`` holds and all of ``only_if``; ``by`` names the rules that answer for it.
    ``cards`` and ``codes`` name every rule that is meant, though the file may say all, or all but some.
    """

    name: str
    why: str
    when: Annotated[Clauses, SOME]
    by: Words
    spot: Spot
    stage: Annotated[Stage, NOT_WRITTEN] = "finding"
    only_if: Clauses = ()
    cards: Annotated[frozenset[str], Written({"no card of": list[str], "no card except of": list[str]})] = frozenset()
    votes: Annotated[frozenset[str], Key("no decision of")] = frozenset()
    codes: Annotated[Frozen[str, frozenset[str]], Key("not said"), Made(_codes, list[str])] = Frozen()


class SilencingFile(NamedTuple):
    """rules/silencing.yaml."""

    by_the_patient: tuple[Removal, ...]
    by_a_rule: tuple[Removal, ...]
    by_the_outcome: tuple[Removal, ...]
