"""What an overlay makes of single entries of the base: more codes of a term, other words, and what that risks.

A hospital that replaces a threshold must be able to replace the number where sentences and cards say it: ``12 ng/mL
(30 nmol/L)`` becomes ``10 ng/mL (25 nmol/L)``. Whoever replaces what a rule reads that keeps patients from harm says
that the risk is accepted: another threshold can silence such a rule as surely as switching it off, and so can another
time for which a value counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from cds.rulebook import lines
from cds.rulebook.declared import fields_of
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Advice, AnyTerm, Card, CardText, Clause, Code, Condition, Frozen, Removal, Rule, RuleBook
from cds.rulebook.model.overlay import REPLACED, WITH_A_SOURCE, Addition
from cds.rulebook.reading import read_entry
from cds.rulebook.report import Where
from cds.rulebook.shape import Shape

TODO = "Say under 'accepted risk' what can happen to whom, and who accepts it."
S = TypeVar("S", bound=Shape)
TEXTS: dict[type, tuple[str, ...]] = {
    Rule: ("title", "says", "because"),
    Card: ("summary", "fallback", "detail"),
    CardText: ("summary", "fallback", "detail"),
    Advice: ("says", "refer"),
    Removal: ("why",),
}
"""The keys of each shape under which people read sentences."""


def check_new(shape: Any, coded: Collection[Any], brands: Collection[str], where: Where) -> None:
    """Note the products that are known already."""
    for section in ("products", "substances", "brands"):
        for name in getattr(shape, section):
            code = None if section == "brands" else lines.code_line(name)
            if name in brands if section == "brands" else code and code[:2] in coded:
                what, todo = f"'{name}' is known already.", "Take it out: an overlay only adds products."
                where.at(section, name).problem(what, todo, "duplicate-name")


def extended(term: AnyTerm, shape: Any, where: Where) -> AnyTerm:
    """A term with what an overlay adds and replaces; what the kind of term does not have is noted."""
    addition: Addition = read_entry(shape, where)
    changed: dict[str, Any] = {}
    for field in fields_of(Addition):
        more, place = getattr(addition, field.name), where.at(field.key)
        if not more or field.name == "accepted_risk":
            continue
        own = getattr(term, field.name, None)
        if own is None or (field.name == "rows" and not own):
            place.problem(f"'{term.name}' has no {field.key.removeprefix('add ')}.", "Take this out.", "wrong-value")
        else:
            changed[field.name] = more if field.name in REPLACED else _with(own, more, place, field.name)
    if not addition.evidence and (sourceless := next((name for name in WITH_A_SOURCE if name in changed), "")):
        todo = "Name it under 'evidence'."
        where.at(sourceless).problem(
            f"'{term.name}' has other numbers and no source.", todo, "threshold-without-source"
        )
    found = term._replace(**changed)
    if changed and isinstance(found, Condition):
        return found.checked(where)
    return found


def _with(own: Any, more: Any, where: Where, name: str) -> Any:
    """What a term has and what is added to it; what it has already is noted. A single number replaces its own."""
    if name == "numbers":
        for number in more:
            where.at(number).known(number, own, "number")
        return Frozen({**own, **more})
    if isinstance(own, Frozen):
        for unit in {unit for unit, _ in more} & own.keys():
            where.problem(f"'{unit}' stands there already.", "Take it out.", "duplicate-name")
        return Frozen({**own, **dict(more)})
    known = [_key(item) for item in own]
    for index, item in enumerate(more):
        if _key(item) in known:
            name = item if isinstance(item, str) else item.code
            where.at(index).problem(f"'{name}' stands there already.", "Take it out.", "duplicate-name")
        known.append(_key(item))
    return (*own, *more)


def _key(item: str | Code) -> object:
    """By what two names, or two codes, are the same."""
    return item if isinstance(item, str) else item[:2]


def reworded(shape: S, phrases: Mapping[str, str], where: Where) -> S:
    """A rule, an advice code or an entry of silencing with other words; a phrase that stands nowhere is reported."""
    words = Words(phrases)
    found = words.of(shape)
    words.check(where)
    return found


class Words:
    """Phrases with what stands instead; ``seen`` are those that were found. Line breaks in texts count as spaces.

    Inside a placeholder nothing is replaced; a phrase may hold a whole one.
    """

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self.phrases, self.seen, self.texts = phrases, set[str](), list[str]()
        longest_first = sorted(phrases, key=len, reverse=True)
        phrase = "|".join(map(_pattern, longest_first)) or r"(?!)"
        self.pattern = re.compile(rf"(?P<phrase>{phrase})|\{{[^{{}}]*\}}")

    def of(self, shape: S) -> S:
        """The shape with other words in all its texts, those of its card and of the variants of that included."""
        entry: Any = shape
        changed: dict[str, object] = {key: self.text(getattr(shape, key)) for key in TEXTS[shape.declares]}
        if shape.declares is Rule:
            changed["card"] = self.of(entry.card)
        if shape.declares is Card:
            changed["variants"] = [self.of(variant) for variant in entry.variants]
            changed["hours"] = {name: self.text(text) for name, text in entry.hours.items()}
        return shape.model_copy(update=changed)

    def check(self, where: Where) -> None:
        """Report the phrases that were not found."""
        for phrase in self.phrases.keys() - self.seen:
            if other := self._covering(phrase):
                what = f"'{phrase}' is covered by the line '{other}', which has other words for the same place."
                where.at(phrase).problem(what, "Take it out, and say all in that line.", "wrong-value")
            else:
                todo = "Write it as the text of the base has it, or take it out."
                where.at(phrase).problem(f"'{phrase}' stands in none of these texts.", todo, "wrong-value")

    def _covering(self, phrase: str) -> str:
        """The phrase that was found where this one stands; empty where it stands nowhere."""
        for text in self.texts:
            places = [match.span() for match in re.finditer(_pattern(phrase), text)]
            for found in self.pattern.finditer(text) if places else ():
                if found["phrase"] and any(found.start() < end and start < found.end() for start, end in places):
                    return self._written(found)
        return ""

    def text(self, text: str) -> str:
        """A text with other words."""
        self.texts.append(text)
        return self.pattern.sub(self._instead, text)

    def _instead(self, match: re.Match[str]) -> str:
        if match["phrase"] is None:
            return match[0]
        phrase = self._written(match)
        self.seen.add(phrase)
        return self.phrases[phrase]

    def _written(self, match: re.Match[str]) -> str:
        """The phrase of a place as its file writes it."""
        return next(phrase for phrase in self.phrases if phrase.split() == match[0].split())


def _pattern(phrase: str) -> str:
    """Where a phrase stands, with any spaces and line breaks between its words."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    return rf"(?<![\w.])(?:{words})(?!\w)"


def check_switch(book: RuleBook, rule: str, accepted_risk: str, where: Where) -> None:
    """Report a rule that cannot be switched, and a guarded one for which nobody accepts the risk."""
    if rule == book.default:
        todo = "Take it out: it gives the answer when no other rule decides."
        where.problem(f"{rule} cannot be switched off or put into shadow.", todo, "rule-needed")
    elif rule in book.rules and book.is_guarded(rule) and not accepted_risk.strip():
        where.problem(f"{rule} keeps patients from harm.", TODO, "risk-not-accepted")


def check_replacement(readers: dict[str, str], name: str, accepted_risk: str, where: Where) -> None:
    """Report what an overlay replaces, a guarded rule reads, and nobody accepts the risk of."""
    if name in readers and not accepted_risk.strip():
        what = f"{readers[name]} keeps patients from harm and rests on '{name}'."
        where.problem(what, TODO, "risk-not-accepted")


def guarded_readers(book: RuleBook) -> dict[str, str]:
    """The findings and terms that decide whether a guarded rule fires, votes or is silenced, each with such a rule."""
    found: dict[str, str] = {}
    guarded = [rule for rule in book.rules.values() if book.is_guarded(rule.id)]
    starts = [(rule.id, _conditions(rule)) for rule in guarded]
    starts += [(rule.id, _silencing(book, rule.id)) for rule in guarded]
    for rule, names in starts:
        for _, name in graph_of(book).behind_findings(names):
            found.setdefault(name, rule)
    return found


def _conditions(rule: Rule) -> Iterator[str]:
    yield from (part.finding for part in rule.when.parts)
    yield from (vote.finding for vote in rule.votes if vote.finding)


def _silencing(book: RuleBook, rule: str) -> Iterator[str]:
    """The findings by which the card or the decision of a rule is silenced, also those of the rules that silence it."""
    for entry in book.removals:
        if rule in entry.cards | entry.votes:
            for clause in (*entry.when, *entry.only_if):
                yield from _of_clause(book, clause)


def _of_clause(book: RuleBook, clause: Clause) -> Iterator[str]:
    if clause.kind == "finding":
        yield clause.value
    elif clause.kind in ("fires", "shown") and clause.value in book.rules:
        yield from _conditions(book.rules[clause.value])
