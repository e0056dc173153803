"""What a rulebook promises of its own answers: what never makes them more permissive, and the exceptions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, TypeAlias

from cds.rulebook.declared import SOME, Key, Known, Line, Name, Place, Text
from cds.rulebook.model.frozen import Frozen
from cds.rulebook.model.saying import Stated

Says: TypeAlias = Literal["decides", "fires", "present", "possible", "known", "acts", "outcome"]
Way: TypeAlias = Literal["added", "lower", "higher", "normal result lost", "result lost"]
Occasion: TypeAlias = Literal["getting worse", "a lost result"]


class Statement(NamedTuple):
    """Something that is true of one answer: of a rule, a finding, a term, an entry of silencing.yaml, an outcome."""

    says: Says
    name: str


_FORMS: dict[Says, re.Pattern[str]] = {
    "outcome": re.compile(r"the outcome is (\S.*)"),
    "decides": re.compile(r"(\S+) decides"),
    "fires": re.compile(r"(\S+) fires"),
    "present": re.compile(r"(\S.*) is present"),
    "possible": re.compile(r"(\S.*) is possible"),
    "known": re.compile(r"(\S.*) is known"),
    "acts": re.compile(r"(\S.*) acts"),
}


def statement_line(text: str) -> Statement | None:
    """``CA-01 decides``, ``dialysis is present``, ``the outcome is stop``."""
    found = ((says, form.fullmatch(text)) for says, form in _FORMS.items())
    return next((Statement(says, match[1]) for says, match in found if match), None)


Stating: TypeAlias = Annotated[
    Statement | None,
    Line(
        statement_line,
        "Write 'CA-01 decides', 'CA-01 fires', 'FINDING is present', 'FINDING is possible', 'TERM is known', "
        "'ENTRY acts' or 'the outcome is OUTCOME'.",
        what="'{}' says nothing about an answer.",
        code="bad-sentence",
        otherwise=Statement("outcome", ""),
    ),
]


class AtTime(NamedTuple):
    """A statement about the answer before a change, or after it."""

    statement: Statement
    after: bool
    negated: bool = False


class Together(NamedTuple):
    """All of several conditions, or any."""

    how: Literal["all", "any"]
    parts: tuple[Occurrence, ...]


Occurrence: TypeAlias = "AtTime | Together"


class When(NamedTuple):
    """What is true of the answers before and after a change: one statement, or several that are joined."""

    before: Stating = None
    after: Stating = None
    not_before: Stating = None
    not_after: Stating = None
    begins: Stating = None
    ends: Stating = None
    all: tuple[When, ...] = ()
    any: tuple[When, ...] = ()

    def checked(self, where: Place) -> When:
        """Report several statements that nothing joins, and none."""
        if sum(map(bool, self)) != 1:
            keys = ", ".join(f"'{name.replace('_', ' ')}'" for name in self._fields)
            where.problem("a condition has one key.", f"Write one of {keys}.", "bad-sentence")
        return self

    @property
    def occurs(self) -> Occurrence:
        """The same as one condition; what begins is true after and was not before, what ends the other way round."""
        if self.all or self.any:
            return Together("all" if self.all else "any", tuple(part.occurs for part in self.all or self.any))
        parts = tuple(self._at_times())
        return parts[0] if len(parts) == 1 else Together("all", parts)

    def _at_times(self) -> Iterator[AtTime]:
        both = self.begins or self.ends
        if both:
            yield AtTime(both, after=False, negated=both is self.begins)
            yield AtTime(both, after=True, negated=both is self.ends)
        for statement, after, negated in (
            (self.before, False, False),
            (self.after, True, False),
            (self.not_before, False, True),
            (self.not_after, True, True),
        ):
            if statement:
                yield AtTime(statement, after, negated)


class Answered(NamedTuple):
    """Who is never outside the scope, but for these findings."""

    who: Annotated[str, Known(("finding",))]
    because: Stated
    source: Stated
    unless: Annotated[tuple[str, ...], Known(("finding",))] = ()


class SafeProperty(NamedTuple):
    """A change that never makes the answer more permissive; of the ways in which a patient changes there is one.

    Each of the terms ``added`` is one that is added alone; ``then`` is a finding that is present afterwards (empty:
    whatever follows).
    """

    name: Name
    says: str
    because: Stated
    source: Stated
    added: Annotated[tuple[str, ...], Key("one of these is added"), Known(("term",))] = ()
    lower: Annotated[str, Known(("term",))] = ""
    higher: Annotated[str, Known(("term",))] = ""
    then: Annotated[str, Key("and then"), Known(("finding",))] = ""
    lost: Literal["", "a normal result", "any result"] = ""

    def checked(self, where: Place) -> SafeProperty:
        """Report several changes, and none."""
        if sum(map(bool, (self.added, self.lower, self.higher, self.lost))) != 1:
            todo = "Write one of 'one of these is added', 'lower', 'higher' or 'lost'."
            where.problem("a property has one change.", todo, "bad-sentence")
        return self

    @property
    def way(self) -> Way:
        """The way in which the patient changes."""
        if self.added:
            return "added"
        if self.lost:
            return "normal result lost" if self.lost == "a normal result" else "result lost"
        return "lower" if self.lower else "higher"

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that are added one by one, or the one whose value moves."""
        moved = self.lower or self.higher
        return self.added or ((moved,) if moved else ())


class SafetyException(NamedTuple):
    """Where the answer may become more permissive: what of, when, where that is written."""

    name: Annotated[str, Key("exception")]
    of: Annotated[tuple[Occasion, ...], SOME]
    when: When
    because: Stated
    source: Stated


class Safety(NamedTuple):
    """rules/safety.yaml.

    ``normal`` are results inside every reference range, by term; ``families`` the formulas that choose one of several
    results of the same thing, which are lost together; ``products`` the texts of products that invented patients take.
    """

    must_be_answered: Answered
    properties: Frozen[
        Annotated[str, Text(pattern=r"^safe-[a-z]+(-[a-z]+)*$", called="name of a promise", like="safe-two-words")],
        SafeProperty,
    ]
    normal: Annotated[Frozen[str, float], Key("normal results")] = Frozen()
    families: Annotated[tuple[str, ...], Key("lost together"), Known(("formula",))] = ()
    products: Annotated[tuple[str, ...], Key("products of witnesses")] = ()
    exceptions: tuple[SafetyException, ...] = ()
