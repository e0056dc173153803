"""Rules: what they rest on, how they vote, what their cards say, and their cases."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from cds.quantity import Interval
from cds.rulebook import lines
from cds.rulebook.declared import (
    NOT_WRITTEN,
    ONE_OR_MORE,
    SOME,
    Absent,
    Called,
    Key,
    Known,
    Line,
    Made,
    Pairs,
    Place,
    Text,
    Written,
)
from cds.rulebook.model.finding import TOO_LONG, Joined
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.placeholder import placeholders
from cds.rulebook.model.saying import Day, Version
from cds.rulebook.model.value import Clause, Indicator, Part, Saying, Vote

LONGEST_SUMMARY = 139
"""The characters of a summary: CDS Hooks 2.0 wants fewer than 140."""
Indicators: TypeAlias = Annotated[
    tuple[tuple[Indicator, tuple[Clause, ...]], ...],
    Key("indicator"),
    ONE_OR_MORE,
    Line(lines.indicator_line, "Use info, warning or critical.", what="'{}' is no indicator."),
]


class CardText(NamedTuple):
    """The text of a card in a special situation.

    It stands in when any of its lines is true, a line when all its clauses are. ``fallback`` is the summary where a
    placeholder of the other one is not known.
    """

    summary: str
    fallback: Annotated[str, Absent("")]
    detail: Annotated[str, Absent("")]
    when: Annotated[tuple[tuple[Clause, ...], ...], ONE_OR_MORE, Line(lines.joined_clauses, "")]

    def checked(self, where: Place) -> CardText:
        """Without space around the detail; a summary that is too long, or stands without fallback, is reported."""
        _check_summary(self.summary, self.fallback, where)
        return self._replace(detail=self.detail.strip())

    @property
    def title(self) -> str:
        """The summary where nothing is known of a patient."""
        return self.fallback or self.summary

    @property
    def words(self) -> tuple[str, str, str]:
        """All that may be shown of it."""
        return self.summary, self.fallback, self.detail


class Card(NamedTuple):
    """The card of a rule: its indicators (the plain one last), its plain text, and texts for special situations.

    ``act`` says when somebody can act on it: today, at the next visit, later ('' where the file does not say).
    ``fallback`` is as in ``CardText``. ``hours`` say of terms, each a medicine, when it is taken beside what the card
    is about; of a medicine that is several of them the first holds.
    """

    act: Annotated[Literal["", "today", "visit", "later"], Absent("")]
    indicators: Indicators
    summary: str
    fallback: Annotated[str, Absent("")]
    detail: str
    hours: Annotated[Pairs, Absent(())]
    variants: tuple[CardText, ...] = ()

    def checked(self, where: Place) -> Card:
        """Without space around the detail; a summary that is too long, or stands without fallback, is reported."""
        _check_summary(self.summary, self.fallback, where)
        return self._replace(detail=self.detail.strip())

    @property
    def texts(self) -> tuple[CardText, ...]:
        """Its texts, variants first, the plain one last."""
        return (*self.variants, CardText(self.summary, self.fallback, self.detail, ()))


def _check_summary(summary: str, fallback: str, where: Place) -> None:
    """Report what has too many characters; of a summary with placeholders ``cds.rulebook.placeholders`` tells."""
    for key, text in (("summary", "" if placeholders(summary) else summary), ("fallback", fallback)):
        if len(text) > LONGEST_SUMMARY:
            todo = f"Shorten it to {LONGEST_SUMMARY} (CDS Hooks 2.0)."
            where.at(key).problem(f"the {key} has {len(text)} characters.", todo, "summary-too-long")
    if placeholders(summary) and not fallback:
        what, todo = "the summary has placeholders and no fallback.", "Write below it 'fallback:' and a title without."
        where.at("summary").problem(what, todo, "missing-key")
    if placeholders(fallback):
        where.at("fallback").problem("the fallback has placeholders itself.", "Write it without.", "wrong-value")


class Reader(NamedTuple):
    """What somebody who signs a rule reads first, a line each: for whom it is, and what may go wrong."""

    patients: str
    user: str
    benefit: str
    harm_if_wrong: str
    harm_if_silent: str
    harm_if_late: str
    alternatives: str


CASE_WORDS = ("fires", "nothing", "ask")
"""What a case may expect of its rule besides an outcome: that it fires, does not, or asks for what is unknown."""


class Case(NamedTuple):
    """An example patient of a rule in its own words.

    ``summary`` and ``indicator`` are those of the card where they matter; the summary as the rule has it, or as it is
    filled in for this patient. ``telling``: a reviewer who reads few cases reads this one.
    """

    name: Annotated[str, Key("case")]
    given: Annotated[Pairs, Absent(())]
    expect: str
    says: Annotated[tuple[str, ...], Absent(()), Known(("advice code",))]
    not_says: Annotated[tuple[str, ...], Key("does not say"), Absent(()), Known(("advice code",))]
    spot: Spot
    summary: str = ""
    indicator: Literal["", "info", "warning", "critical"] = ""
    telling: bool = False


class OtherNumber(NamedTuple):
    """A number that the texts of a rule need and its findings do not hold: what it is, and the sources that state it.

    Instead of sources it can have the finding or the term whose number it is (``of``). ``amount`` is the text of the
    file.
    """

    amount: str
    value: Interval
    unit: str
    what: str
    sources: tuple[str, ...]
    of: str
    spot: Spot


class RuleWhen(NamedTuple):
    """The findings of a rule, all or any of them."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()


def joined_when(entry: Any, where: Place) -> Joined:
    """The findings of a rule as one; a problem where it has both lists, or none."""
    when = entry.when
    if bool(when.all) == bool(when.any):
        where.at("when").problem("a rule has one of 'all' or 'any'.", "Keep one.", "bad-sentence")
    parts: tuple[Part, ...] = tuple(map(lines.part_line, when.all or when.any))
    joined = Joined("all" if when.all else "any", parts)
    if joined.is_too_long:
        where.at("when", "any").problem(f"{len(parts)} parts are too many.", TOO_LONG, "too-many-parts")
    return joined


class Rule(NamedTuple):
    """rules/<chapter>/<rule>.yaml; the keys stand in this order.

    A rule is findings -> a vote for an outcome, advice and a card; with its evidence and its cases. ``spots`` say where
    its keys and texts stand: ``grade``, ``card summary``, ``card variant 1 detail``. ``limits`` are what it does not
    see.
    """

    id: Annotated[str, Key("rule"), Text(pattern=r"^[A-Z]+-\d\d$", called="rule id", like="ABC-01")]
    title: str
    says: str
    votes: Annotated[tuple[Vote, ...], Key("tier"), ONE_OR_MORE, Line(lines.vote_line, "")]
    guarded: Annotated[bool, Absent(False)]
    version: Version
    status: Annotated[str, Text(pattern=r"^(draft|signed)$")]
    owner: str
    authored: Day
    review_by: Day
    when: Annotated[Joined, Made(joined_when, RuleWhen)]
    if_unknown: Literal["ask", "ignore"]
    because: str
    advice: Annotated[tuple[Saying, ...], Absent(()), Line(lines.saying_line, "")]
    card: Card
    never: Annotated[tuple[str, ...], Absent(())]
    reader: Annotated[Reader | None, Absent(None)]
    limits: Annotated[tuple[str, ...], Absent(())]
    evidence: Annotated[tuple[str, ...], SOME, Known(("evidence source",))]
    grade: Annotated[Pairs, Called("grade")]
    other_numbers: Annotated[tuple[OtherNumber, ...], Written({"other numbers": dict[str, str]})]
    attributes: Annotated[Frozen[str, str], Key("source attributes"), Absent(Frozen())]
    cases: Annotated[tuple[Case, ...], Absent(())]
    spot: Spot
    chapter: Annotated[str, NOT_WRITTEN]
    spots: Annotated[Frozen[str, Spot], NOT_WRITTEN] = Frozen()

    def spot_of(self, place: str) -> Spot:
        """Where a key or a text stands; the rule itself where it has none."""
        return self.spots.get(place, self.spot)

    def __repr__(self) -> str:
        """One line: which rule it is."""
        return f"<Rule: {self.id} {self.version}, {self.status}: {self.title}>"
