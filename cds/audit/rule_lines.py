"""What each part of a rule says, as lines of plain text: a tree for its condition, a list for its advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from cds.audit.conditions import ConditionTree, aged_terms, condition_tree, number_sources, readable, thresholds_of
from cds.audit.decisions import influence_of, then_of
from cds.audit.sheet import telling_cases
from cds.review.signatures import content_hash, valid_signatures
from cds.rulebook.graph import graph_of
from cds.rulebook.model import CardText, Case, Rule, RuleBook, Window
from cds.rulebook.printing import conditions_text, lines_text, other_number_text, window_text

HASH = 12
MISSING = {"ask": "it asks for them", "ignore": "nothing is asked, and the rule stays silent"}


class Most(NamedTuple):
    """How much is printed at most.

    Levels of the condition, numbers beside it, windows of a value, texts of the card with their detail, lines for the
    reader, and cases.
    """

    levels: int
    numbers: int
    windows: int
    texts: int
    reader: int
    cases: int


SHORT = Most(levels=2, numbers=6, windows=1, texts=1, reader=2, cases=5)
LONG = Most(*[10_000] * len(SHORT))
REST = "{} more: --long"


class Line(NamedTuple):
    """A line of a part: its text, how deep it stands, and whether it is one of a list."""

    text: str
    depth: int = 0
    listed: bool = False


def decides(book: RuleBook, rule: Rule) -> Iterator[Line]:
    """The outcomes that it decides for, each with its tier and its place there."""
    places = {tier: f", place {place} of {of}" for tier, place, of, *_ in influence_of(book, rule).stronger}
    guarded = "; guarded" if book.is_guarded(rule.id) else ""
    for then in then_of(book, rule):
        condition = f", if {then.finding}" if then.finding else ""
        yield Line(f"{then.outcome}{condition} (tier {then.tier}{places.get(then.tier, '')}{guarded})")
    if not rule.votes:
        yield Line("nothing: it gives a card and never an outcome")


def condition(book: RuleBook, rule: Rule, most: Most) -> Iterator[Line]:
    """The findings of its condition, each with its sentence, its numbers and their sources."""
    tree = condition_tree(book, rule.when)
    yield Line(f"{tree.how or 'this'}:")
    for part in tree.parts:
        yield from _branch(book, part, 0, most.levels)


def _branch(book: RuleBook, tree: ConditionTree, depth: int, deepest: int) -> Iterator[Line]:
    told = "; ".join(filter(None, (tree.sentence, *(_more(text, tree.sentence) for text in tree.numbers))))
    sources = _bracketed(number_sources(book, book.findings[tree.name])) if told else ""
    cut = _count(tree) if depth == deepest else 0
    how = " (as above)" if tree.seen else f", {tree.how}" if tree.how else ""
    tail = f" ({REST.format(cut)})" if cut else ":" if tree.parts else f": {told}{sources}" if told else ""
    yield Line(f"{tree.sense.of(tree.name)}{how}{tail}", depth, listed=True)
    for part in () if cut else tree.parts:
        yield from _branch(book, part, depth + 1, deepest)


def _more(number: str, sentence: str) -> str:
    """What a number says beyond the sentence: the same in other units, where the sentence has it in one."""
    own, bracket, other = number.partition(" (")
    return f"= {other.removesuffix(')')}" if bracket and own in sentence else number


def _count(tree: ConditionTree) -> int:
    return sum(1 + _count(part) for part in tree.parts)


def missing(book: RuleBook, rule: Rule, most: Most) -> Iterator[Line]:
    """What happens while data are missing and why, and how old the values of the condition may be."""
    yield Line(f"{rule.if_unknown}: {MISSING[rule.if_unknown]}. {rule.because}")
    named = {term for name in _named(book, rule) for term in book.findings[name].definition.terms}
    aged = [name for name in aged_terms(book, rule) if name in named or most is LONG]
    windows = [f"{name} {_windows(book.terms[name].windows, most)}" for name in aged]  # type: ignore[union-attr]
    if windows:
        yield Line(f"A value counts for: {'; '.join(windows)}.")


def _named(book: RuleBook, rule: Rule) -> Iterator[str]:
    return graph_of(book).made_of(part.finding for part in rule.when.parts)


def _windows(windows: tuple[Window, ...], most: Most) -> str:
    said = [f"{days}{when.removeprefix('usable')}" for when, days in map(window_text, windows)]
    rest = len(said) - most.windows
    return ", ".join(said[: most.windows]) + (f" (otherwise in {rest} situations)" if rest > 0 else "")


def advice(book: RuleBook, rule: Rule) -> Iterator[Line]:
    """Its codes, with what they say and when."""
    for saying in rule.advice:
        when = conditions_text(saying.conditions)
        yield Line(f"{saying.code}{f', {when}' if when else ''}: {book.advice[saying.code].says}", listed=True)


def card(rule: Rule, most: Most) -> Iterator[Line]:
    """The texts of its card: the plain one, then those of special situations."""
    indicators = [f"{word}{f', {conditions_text(c)}' if c else ''}" for word, c in rule.card.indicators]
    yield Line(f"{'; else '.join(indicators)}{f'; to act on: {rule.card.act}' if rule.card.act else ''}")
    *variants, plain = rule.card.texts
    for number, text in enumerate([plain, *variants]):
        yield from _text(text, whole=number < most.texts)
    for name, hours in rule.card.hours:
        yield Line(f"hours of {name}: {hours}", listed=True)


def _text(text: CardText, *, whole: bool) -> Iterator[Line]:
    when = f"{lines_text(text.when).removeprefix('if ')}: " if text.when else ""
    yield Line(f"{when}“{text.summary}”", listed=True)
    if whole and text.fallback:
        yield Line(f"a value not known: “{text.fallback}”", 1)
    for paragraph in text.detail.split("\n\n") if whole and text.detail else ():
        yield Line(paragraph, 1)


def numbers(book: RuleBook, rule: Rule, most: Most) -> Iterator[Line]:
    """The numbers behind its advice and its card, and those that its texts state beside."""
    others = [item for item in thresholds_of(book, rule) if not item.fires]
    for item in others[: most.numbers]:
        yield Line(f"{item.finding.name}: {'; '.join(item.numbers)}{_bracketed(item.sources)}", listed=True)
    if rest := len(others[most.numbers :]):
        yield Line(REST.format(rest), listed=True)
    for number in rule.other_numbers:
        yield Line(f"in its texts, {readable(other_number_text(number))}", listed=True)


def _bracketed(sources: Iterable[str]) -> str:
    named = ", ".join(sources)
    return f" [{named}]" if named else ""


def never(book: RuleBook, rule: Rule) -> Iterator[Line]:
    """What its card never says."""
    for code in rule.never:
        says = book.never[code].says if code in book.never else book.advice[code].says
        yield Line(f"{code}: {says}", listed=True)


def reader(rule: Rule, most: Most) -> Iterator[Line]:
    """For whom it is, and what may go wrong."""
    told = rule.reader._asdict() if rule.reader else {}
    for name, text in [*told.items()][: most.reader]:
        yield Line(f"{name.replace('_', ' ')}: {text}")


def evidence(book: RuleBook, rule: Rule) -> Iterator[Line]:
    """Its sources with their grades as printed."""
    for name in rule.evidence:
        source = book.sources[name]
        yield Line(f"{name}, {source.grade_for(rule.id)}: {source.citation}", listed=True)


def cases(rule: Rule, most: Most) -> Iterator[Line]:
    """The cases that tell most."""
    shown = telling_cases(rule) if most.cases < len(rule.cases) else rule.cases
    yield Line(f"{len(rule.cases)}{', of which these tell most' if len(shown) < len(rule.cases) else ''}:")
    for case in shown:
        yield Line(_case(case), listed=True)


def _case(case: Case) -> str:
    given = ", ".join(f"{name} {text}" for name, text in case.given) or "the case patient as she is"
    return f"{readable(given)} -> {case.expect}"


def signed(book: RuleBook, rule: Rule, today: date) -> Iterator[Line]:
    """Who signed what it says now, and which signatures no longer hold."""
    fitting = valid_signatures(book, rule.id, today)
    needed = "two clinicians sign" if book.signatures_needed(rule.id) > 1 else "one clinician signs"
    who = "; ".join(f"{item.reviewer}, {item.role}, {item.date}" for item in fitting)
    yield Line(f"{rule.status}; {needed}: {who or 'nobody so far'}")
    for item in book.signatures:
        if item.rule == rule.id and item not in fitting:
            said = f"{item.reviewer}, {item.date}, {item.verdict} version {item.version}"
            yield Line(f"does not hold: {said}", listed=True)


def versions(book: RuleBook, rule: Rule) -> Iterator[Line]:
    """Its version, its days, its file and its hash."""
    yield Line(f"{rule.version}, written {rule.authored} by {rule.owner}, to be read again by {rule.review_by}")
    yield Line(f"content sha256 {content_hash(book, rule.id)[:HASH]}; {rule.spot.file}; rules {book.version}")
