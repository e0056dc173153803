"""Findings: a sentence, or a join of other findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple

from cds.quantity import State
from cds.rulebook.declared import NOT_WRITTEN, Absent, Known, Name, Written
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Form, Unread
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import Part

MOST_PARTS = 29
"""The most parts of an *any*: each takes two of the branches that the engine has for a ruleset (``cds.reasoning``)."""
TOO_LONG = f"Give some of them a name; an 'any' has at most {MOST_PARTS} parts."


@dataclass(frozen=True, slots=True)
class Joined(Form):
    """Findings joined by *all* or *any* (Kleene's three-valued logic)."""

    how: Literal["all", "any"]
    parts: tuple[Part, ...]

    when_unread = Unread.AS_IT_IS

    @property
    def is_too_long(self) -> bool:
        """Whether it is an *any* of more parts than the rules engine takes."""
        return self.how == "any" and len(self.parts) > MOST_PARTS

    def __str__(self) -> str:
        """``all of: a; not b``."""
        return f"{self.how} of: {'; '.join(map(str, self.parts))}"

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that it joins."""
        return tuple(part.finding for part in self.parts)

    def check(self, _: Asked) -> Check:
        """Kleene's *and* or *or* over the states of the parts."""
        pick: Callable[..., State] = min if self.how == "all" else max
        asked = [(part.finding, part.sense.table) for part in self.parts]

        def check(chart: AskedChart) -> State:
            return pick([table[chart.state(finding)] for finding, table in asked])

        return check

    def source(self, _: Asked) -> list[str]:
        """The least or the greatest state of the parts."""
        parts = [part.sense.source(part.finding) for part in self.parts]
        pick = "min" if self.how == "all" else "max"
        return [f"state = {parts[0]}"] if len(parts) == 1 else [f"state = {pick}({', '.join(parts)})"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """The same over formulas."""
        parts = [patient.logic.sensed(patient.state(part.finding), part.sense) for part in self.parts]
        return patient.logic.both(parts) if self.how == "all" else patient.logic.either(parts)

    def mutants(self, _: Asked) -> Iterator[tuple[str, Joined]]:
        """Without each of its parts."""
        for part, rest in self.without_each():
            yield f" without '{part}'", rest

    def without_each(self) -> Iterator[tuple[Part, Joined]]:
        """Each part of several, and the join of the others."""
        if len(self.parts) > 1:
            for part in self.parts:
                yield part, replace(self, parts=tuple(other for other in self.parts if other is not part))


class Finding(NamedTuple):
    """A finding: one sentence, or other findings joined.

    ``text`` is the sentence as the file has it, empty if joined, and ``sentence`` where it stands; ``says_at`` is where
    ``says`` stands. ``local``: a site may set its number.
    """

    name: Name
    definition: Annotated[
        Form, Written({"when": str, "all": list[str], "any": list[str], "no record of any": list[str]})
    ]
    says: Annotated[str, Absent("")]
    evidence: Annotated[tuple[str, ...], Absent(()), Known(("evidence source",))]
    chapter: Annotated[str, NOT_WRITTEN]
    spot: Spot
    local: bool = False
    text: Annotated[str, NOT_WRITTEN] = ""
    sentence: Annotated[Spot | None, NOT_WRITTEN] = None
    says_at: Annotated[Spot | None, NOT_WRITTEN] = None


class FindingsFile(NamedTuple):
    """rules/<chapter>/findings.yaml."""

    chapter: str
    owner: str
    findings: Frozen[str, Finding]
