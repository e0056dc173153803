"""safety.yaml -> what the proofs ask for, every name in it checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cds.rulebook.model import (
    AtTime,
    Frozen,
    Measurement,
    Occurrence,
    SafeProperty,
    Safety,
    SafetyException,
    Says,
    Statement,
    Together,
    Way,
)
from cds.rulebook.reading import Names
from cds.rulebook.report import Where
from cds.rulebook.shapes.safety import ConditionShape, ExceptionShape, PropertyShape, SafetyFile

FORM = (
    "Write 'CA-01 decides', 'CA-01 fires', 'FINDING is present', 'FINDING is possible', 'TERM is known', "
    "'ENTRY acts' or 'the outcome is OUTCOME'."
)
TIMES = ("before", "after", "not before", "not after", "begins", "ends")
_FORMS: dict[Says, re.Pattern[str]] = {
    "outcome": re.compile(r"the outcome is (\S.*)"),
    "decides": re.compile(r"(\S+) decides"),
    "fires": re.compile(r"(\S+) fires"),
    "present": re.compile(r"(\S.*) is present"),
    "possible": re.compile(r"(\S.*) is possible"),
    "known": re.compile(r"(\S.*) is known"),
    "acts": re.compile(r"(\S.*) acts"),
}


@dataclass(frozen=True)
class Linker:
    """The names that safety.yaml may use: those of rules, the entries of silencing.yaml, and the formulas."""

    names: Names
    entries: Collection[str]
    formulas: Collection[str]

    def link(self, shape: SafetyFile, where: Where) -> Safety:
        """What is promised; a name that nobody defines is reported at its line."""
        answered, place = shape.must_be_answered, where.at("must be answered")
        place.at("who").known(answered.who, self.names.findings, "finding")
        for index, name in enumerate(answered.unless):
            place.at("unless", index).known(name, self.names.findings, "finding")
        for name in shape.normal_results:
            self.measured(name, where.at("normal results", name))
        for index, formula in enumerate(shape.lost_together):
            where.at("lost together", index).known(formula, self.formulas, "formula")
        return Safety(
            answered=answered.who,
            unless=tuple(answered.unless),
            properties=tuple(self.properties(shape, where)),
            normal=Frozen(shape.normal_results),
            families=tuple(shape.lost_together),
            products=tuple(shape.products_of_witnesses),
            exceptions=tuple(
                self.exception(item, where.at("exceptions", index)) for index, item in enumerate(shape.exceptions)
            ),
        )

    def measured(self, name: str, where: Where) -> None:
        """Report a name that is that of no measurement."""
        if where.known(name, self.names.terms, "term") and not isinstance(self.names.terms[name], Measurement):
            where.problem(f"'{name}' is not measured.", "Name a term with 'kind: measurement'.", "wrong-value")

    def properties(self, shape: SafetyFile, where: Where) -> Iterator[SafeProperty]:
        """The properties, each with the one change that it is about."""
        for name, item in shape.properties.items():
            place = where.at("properties", name)
            ways = list(_ways(item))
            if len(ways) != 1:
                todo = "Write one of 'one of these is added', 'lower', 'higher' or 'lost'."
                place.problem("a property has one change.", todo, "bad-sentence")
                continue
            way, terms = ways[0]
            for index, term in enumerate(item.one_of_these_is_added):
                place.at("one of these is added", index).known(term, self.names.terms, "term")
            if way in ("lower", "higher"):
                self.measured(terms[0], place.at(way))
            if item.and_then:
                place.at("and then").known(item.and_then, self.names.findings, "finding")
            if way == "normal result lost" and not shape.normal_results:
                place.problem("no result is normal.", "Write 'normal results'.", "missing-key")
            yield SafeProperty(name, item.says, way, terms, item.and_then, item.because, item.source)

    def exception(self, shape: ExceptionShape, where: Where) -> SafetyException:
        """Where the answer may become more permissive."""
        when = self.condition(shape.when, where.at("when"))
        return SafetyException(shape.exception, tuple(shape.of), when, shape.because, shape.source)

    def condition(self, shape: ConditionShape, where: Where) -> Occurrence:
        """One condition; all of none where it is not written as one."""
        parts = [
            part
            for key in TIMES
            if (text := getattr(shape, key.replace(" ", "_")))
            for part in self.at_time(key, text, where.at(key))
        ]
        joined = [self.together(shape, how, where.at(how)) for how in ("all", "any") if getattr(shape, how)]
        written = sum(bool(getattr(shape, name)) for name in ConditionShape.model_fields)
        if written != 1:
            keys = ", ".join(f"'{key}'" for key in (*TIMES, "all", "any"))
            where.problem("a condition has one key.", f"Write one of {keys}.", "bad-sentence")
        whole: list[Occurrence] = [*joined, *parts]
        return whole[0] if len(whole) == 1 else Together("all", tuple(whole))

    def together(self, shape: ConditionShape, how: str, where: Where) -> Together:
        """Conditions that are joined."""
        items: list[ConditionShape] = getattr(shape, how)
        parts = tuple(self.condition(item, where.at(index)) for index, item in enumerate(items))
        return Together("all" if how == "all" else "any", parts)

    def at_time(self, key: str, text: str, where: Where) -> Iterator[AtTime]:
        """A statement at its time: what begins is true after and was not before, what ends the other way round."""
        statement = self.statement(text, where)
        if statement is None:
            return
        if key in ("begins", "ends"):
            yield AtTime(statement, after=False, negated=key == "begins")
            yield AtTime(statement, after=True, negated=key == "ends")
        else:
            yield AtTime(statement, after=key.endswith("after"), negated=key.startswith("not"))

    def statement(self, text: str, where: Where) -> Statement | None:
        """What a text says; None, and reported, where it has no form."""
        for says, form in _FORMS.items():
            if match := form.fullmatch(text):
                known, noun = self.named(says)
                where.known(match[1], known, noun)
                return Statement(says, match[1])
        where.problem(f"'{text}' says nothing about an answer.", FORM, "bad-sentence")
        return None

    def named(self, says: Says) -> tuple[Collection[str], str]:
        """What a statement is about: the names that are defined, and what they are names of."""
        match says:
            case "decides" | "fires":
                return self.names.rules, "rule"
            case "present" | "possible":
                return self.names.findings, "finding"
            case "known":
                return self.names.terms, "term"
            case "outcome":
                return self.names.outcomes, "outcome"
            case _:
                return self.entries, "entry of silencing.yaml"


def _ways(shape: PropertyShape) -> Iterator[tuple[Way, tuple[str, ...]]]:
    """The ways in which a patient changes that are written, with the terms that they are about."""
    if shape.one_of_these_is_added:
        yield "added", tuple(shape.one_of_these_is_added)
    if shape.lower:
        yield "lower", (shape.lower,)
    if shape.higher:
        yield "higher", (shape.higher,)
    if shape.lost:
        yield "normal result lost" if shape.lost == "a normal result" else "result lost", ()
