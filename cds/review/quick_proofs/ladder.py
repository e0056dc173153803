"""What a ladder is: the rules of a chapter that are steps of one scale of values.

A ladder is made of the comparisons with numbers of one term that rules of one chapter name first, of which at least one
has two sides. A step is what a rule names first, if that comes down to comparisons of one term with numbers: one
sentence, or findings that join such sentences. What the rule names besides of the same kind narrows it. A value without
a step may only lie in the range that holds the usual value of the term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.forms.comparing import Compared
from cds.review.quick_proofs.resting import reached_from
from cds.rulebook.model import Joined, Measurement, Part, Rule, RuleBook
from cds.rulebook.model.form import Form


class LadderStep(NamedTuple):
    """One band of a ladder and the rule that it belongs to: what the rule's condition says of the term."""

    rule: str
    band: Joined

    def __str__(self) -> str:
        return f" {'and' if self.band.how == 'all' else 'or'} ".join(f"'{part}'" for part in self.band.parts)


class Ladder(NamedTuple):
    """The steps on one term in one chapter.

    ``mixed`` are rules that join its comparison with something else, so that nobody can say for which values they hold;
    ``beside`` those that name another finding first: the comparison is a condition of theirs, and no step.
    """

    term: str
    steps: tuple[LadderStep, ...]
    mixed: tuple[str, ...]
    beside: tuple[str, ...]


def ladders_of(book: RuleBook) -> Iterator[Ladder]:
    """The ladders: three rules or more that name the term first, two of them as steps, and one that has two ends."""
    known = book.rules.values()
    places = ((rule.chapter, term) for rule in known for term in _pure_terms(book, rule.when.parts[0]))
    for chapter, term in dict.fromkeys(places):
        rules = [rule for rule in known if rule.chapter == chapter]
        first = [rule for rule in rules if _compares(book, rule.when.parts[0], term)]
        ladder = _ladder(book, term, first, [rule for rule in rules if rule not in first])
        if len(first) > 2 and len(ladder.steps) > 1 and any(_ends(book, rule, term) > 1 for rule in first):
            yield ladder


def _ladder(book: RuleBook, term: str, first: list[Rule], others: list[Rule]) -> Ladder:
    bands = {rule.id: _band(book, rule, term) for rule in first}
    steps = tuple(LadderStep(name, band) for name, band in bands.items() if band)
    beside = (rule.id for rule in others if any(_is_pure(book, part, term) for part in rule.when.parts))
    return Ladder(term, steps, tuple(name for name, band in bands.items() if band is None), tuple(beside))


def _band(book: RuleBook, rule: Rule, term: str) -> Joined | None:
    """The parts of a condition that speak of nothing but the term; None where these do not say when it can hold."""
    parts = tuple(part for part in rule.when.parts if _is_pure(book, part, term))
    is_whole = parts == rule.when.parts or rule.when.how == "all"
    return Joined(rule.when.how, parts) if is_whole and rule.when.parts[0] in parts else None


def sentences(book: RuleBook, part: Part) -> Iterator[Form]:
    """The sentences that a finding comes down to."""
    definition = book.findings[part.finding].definition
    if isinstance(definition, Joined):
        for inner in definition.parts:
            yield from sentences(book, inner)
    else:
        yield definition


def _pure_terms(book: RuleBook, part: Part) -> Iterator[str]:
    """The term of which a finding compares nothing but values with numbers; none where there is more to it."""
    terms = {getattr(sentence, "term", "") for sentence in sentences(book, part)}
    yield from (term for term in terms if len(terms) == 1 and _is_pure(book, part, term))


def _is_pure(book: RuleBook, part: Part, term: str) -> bool:
    return all(
        isinstance(sentence, Compared) and sentence.term == term and not any(c.bound.term for c in sentence.comparisons)
        for sentence in sentences(book, part)
    )


def _compares(book: RuleBook, part: Part, term: str) -> bool:
    return any(getattr(s, "term", "") == term and s.thresholds for s in sentences(book, part))


def _ends(book: RuleBook, rule: Rule, term: str) -> int:
    """How many comparisons of the term a condition comes down to."""
    listed = (s for part in rule.when.parts for s in sentences(book, part))
    return sum(len(s.comparisons) for s in listed if isinstance(s, Compared) and s.term == term)


def usual_of(book: RuleBook, term: str) -> float | None:
    """The usual value of a term, or of what it is worked out from; None where nothing has one."""
    measured = [book.terms[name] for name in (term, *sorted(name for _, name in reached_from(book, term)))]
    return next((t.usual for t in reversed(measured) if isinstance(t, Measurement)), None)
