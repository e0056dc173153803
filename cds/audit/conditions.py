"""What rules rest on, in words: the trees of their conditions, the numbers on which they turn, and who reads what."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.addresses import finding_link, rule_page
from cds.audit.amounts import bound_text
from cds.audit.scales import by_scale
from cds.cards.wording import unit_text
from cds.forms.nothing import NoneRecorded
from cds.forms.records import Recorded
from cds.rulebook.graph import FINDING, findings_of_rule, graph_of
from cds.rulebook.model import Clause, Finding, Joined, Part, Rule, RuleBook, Sense
from cds.rulebook.printing import condition_text

_JOINED = {"all": "all of these", "any": "any of these"}


class ConditionTree(NamedTuple):
    """A finding in a tree: its sense, its name and place, its sentence, and what it is made of.

    ``numbers`` are those that the sentence does not show itself, such as the other system of units. ``seen`` says
    that its parts stood further up already.
    """

    sense: Sense
    name: str
    link: str
    sentence: str
    numbers: tuple[str, ...]
    how: str
    parts: tuple[ConditionTree, ...]
    seen: bool = False


def condition_tree(book: RuleBook, joined: Joined) -> ConditionTree:
    """The tree of a condition."""
    seen: set[str] = set()
    parts = tuple(_words(book, part, seen) for part in joined.parts)
    return ConditionTree(Sense.IS, "", "", "", (), _how(joined, parts), parts)


def finding_tree(book: RuleBook, name: str) -> ConditionTree:
    """The tree of a finding."""
    return _words(book, Part(name), set())


def _words(book: RuleBook, part: Part, seen: set[str]) -> ConditionTree:
    finding = book.findings[part.finding]
    form = finding.definition
    inner = form.parts if isinstance(form, Joined) else tuple(map(Part, form.findings))
    again = bool(inner) and part.finding in seen
    seen.add(part.finding)
    parts = () if again else tuple(_words(book, other, seen) for other in inner)
    link, said = finding_link(book, part.finding), own_sentence(finding)
    more = tuple(text for text in numbers_text(book, finding) if text not in said)
    return ConditionTree(part.sense, finding.name, link, said, more, _how(finding.definition, parts), parts, again)


def _how(definition: object, parts: tuple[ConditionTree, ...]) -> str:
    if isinstance(definition, NoneRecorded):
        return "none of these (each is absent, or nothing at all is recorded about it)"
    return "" if not isinstance(definition, Joined) or len(parts) < 2 else _JOINED[definition.how]


def own_sentence(finding: Finding) -> str:
    """The sentence of a finding; empty for one that is made of others or only on record."""
    return "" if isinstance(finding.definition, (Joined, NoneRecorded, Recorded)) else readable(finding.text)


def readable(text: str) -> str:
    """A text of the rule files with its units as people write them."""
    return unit_text(text).strip()


def numbers_text(book: RuleBook, finding: Finding) -> tuple[str, ...]:
    """The thresholds of a sentence in both systems of units, those for other scales, and days."""
    form = finding.definition
    scaled = [(scale, item) for scale, items in by_scale(book, form) for item in items]
    found = [f"{f'{scale}: ' if scale else ''}{bound_text(book, form.terms[0], item, scale)}" for scale, item in scaled]
    return (*found, *([f"{form.period} days"] if form.time else []))


class LinkedText(NamedTuple):
    """A condition on the answer in words, with the place of what it names."""

    before: str
    name: str
    link: str
    after: str


def clause(book: RuleBook, item: Clause) -> LinkedText:
    """A condition on the answer: a finding, the rule's own vote, the outcome, another rule."""
    text = condition_text(item).removeprefix("if ")
    if item.kind == "vote":
        return LinkedText(text, "", "", "")
    before, name, after = text.partition(item.value)
    places = {"finding": finding_link, "outcome": lambda *_: "tiers.html"}
    link = places.get(item.kind, lambda _, rule: rule_page(rule))(book, item.value)
    return LinkedText(before, name, link, after)


class FindingNumbers(NamedTuple):
    """A finding with a number, its numbers in both systems, whether it decides that the rule fires, and its sources."""

    finding: Finding
    numbers: tuple[str, ...]
    fires: bool
    sources: tuple[str, ...]

    @property
    def has_unit(self) -> bool:
        """Whether a number alone says what it is; that of a ratio needs its sentence."""
        return all(any(map(str.isalpha, text.split(" ")[-1])) for text in self.numbers)


def thresholds_of(book: RuleBook, rule: Rule) -> tuple[FindingNumbers, ...]:
    """The findings with numbers that a rule reads: first those of its condition, then those of its advice and card."""
    condition = list(graph_of(book).made_of(part.finding for part in rule.when.parts))
    others = [name for name in graph_of(book).made_of(findings_of_rule(rule)) if name not in condition]
    found = [(name, True) for name in condition] + [(name, False) for name in others]
    return tuple(
        FindingNumbers(
            book.findings[name],
            numbers_text(book, book.findings[name]),
            fires,
            number_sources(book, book.findings[name]),
        )
        for name, fires in found
        if has_number(book.findings[name])
    )


def number_sources(book: RuleBook, finding: Finding) -> tuple[str, ...]:
    """The sources of the number of a finding; those of the limit with which it compares, where it names none itself."""
    limits = [item.bound.term for item, _ in finding.definition.thresholds if item.bound.term]
    return finding.evidence or tuple(dict.fromkeys(name for term in limits for name in book.terms[term].evidence))


def aged_terms(book: RuleBook, rule: Rule) -> tuple[str, ...]:
    """The terms with a limit of age that a rule reads."""
    names = {name for kind, name in graph_of(book).behind_rule(rule) if kind != FINDING}
    return tuple(name for name, term in book.terms.items() if name in names and len(getattr(term, "windows", ())))


def has_number(finding: Finding) -> bool:
    """Whether a finding rests on a threshold of a value or of time."""
    definition = finding.definition
    return bool(definition.thresholds or definition.time)


def readers(book: RuleBook) -> dict[str, tuple[str, ...]]:
    """For each finding, the rules that read it, directly or through others."""
    found: dict[str, list[str]] = {name: [] for name in book.findings}
    for rule in book.rules.values():
        for name in graph_of(book).made_of(findings_of_rule(rule)):
            found[name].append(rule.id)
    return {name: tuple(rules) for name, rules in found.items()}


def term_readers(book: RuleBook) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For each term, the findings whose sentences read it and the terms that are worked out from it."""
    findings: dict[str, list[str]] = {name: [] for name in book.terms}
    terms: dict[str, list[str]] = {name: [] for name in book.terms}
    for finding in book.findings.values():
        if finding.chapter:
            for name in finding.definition.terms:
                findings[name].append(finding.name)
    for term in book.terms.values():
        for name in dict.fromkeys((*getattr(term, "inputs", ()), getattr(term, "of", ""))):
            if name in terms:
                terms[name].append(term.name)
    return {name: (tuple(findings[name]), tuple(terms[name])) for name in book.terms}
