"""What a rulebook promises of its own answers: what never makes them more permissive, and the exceptions."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from cds.rulebook.model.frozen import Frozen

Says: TypeAlias = Literal["decides", "fires", "present", "possible", "known", "acts", "outcome"]
Way: TypeAlias = Literal["added", "lower", "higher", "normal result lost", "result lost"]
Occasion: TypeAlias = Literal["getting worse", "a lost result"]


class Statement(NamedTuple):
    """Something that is true of one answer: of a rule, a finding, a term, an entry of silencing.yaml, an outcome."""

    says: Says
    name: str


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


class SafeProperty(NamedTuple):
    """A change that never makes the answer more permissive.

    ``terms`` are those that are added one by one, or the one whose value moves; ``then`` is a finding that is present
    afterwards (empty: whatever follows).
    """

    name: str
    says: str
    way: Way
    terms: tuple[str, ...] = ()
    then: str = ""
    because: str = ""
    source: str = ""


class SafetyException(NamedTuple):
    """Where the answer may become more permissive: what of, when, where that is written."""

    name: str
    of: tuple[Occasion, ...]
    when: Occurrence
    because: str = ""
    source: str = ""


class Safety(NamedTuple):
    """What is promised.

    ``answered`` is the finding of those who are never outside the scope, but for the findings ``unless``. ``normal``
    are results inside every reference range, by term; ``families`` the formulas that choose one of several results of
    the same thing, which are lost together; ``products`` the texts of products that invented patients take.
    """

    answered: str
    unless: tuple[str, ...]
    properties: tuple[SafeProperty, ...]
    normal: Frozen[str, float]
    families: tuple[str, ...]
    products: tuple[str, ...]
    exceptions: tuple[SafetyException, ...]
