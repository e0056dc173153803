"""First cases of a new rule, from the findings of its condition: the patient for whom it is, and those just beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from cds.forms.comparing import Compared, SomeResult
from cds.quantity import tidy
from cds.rulebook.lines import part_line, saying_line
from cds.rulebook.model import Computed, Finding, Joined, Part, RuleBook, Sense
from cds.rulebook.model.form import Bound

Given: TypeAlias = "dict[str, str]"
"""What a case says of its patient: names, and a value or yes, no, unknown."""
ABOVE = {"at least": (0, -1), "above": (1, 0), "below": (-1, 0), "at most": (0, 1)}
"""How many steps from its bound a value lies that a comparison just takes, and just does not."""
UNTRUE = (Sense.NOT, Sense.WITHOUT)
"""The words that ask for a finding that is not there."""


class FirstCase(NamedTuple):
    """A case: what it is called, what it gives, what it expects, and which codes its card says and does not say."""

    name: str
    given: Given
    expect: str
    says: tuple[str, ...] = ()
    not_says: tuple[str, ...] = ()


def first_cases(book: RuleBook, parts: Sequence[str], advice: Sequence[str], fires: str) -> Iterator[FirstCase]:
    """Cases for a condition of which all parts must hold; ``fires`` is what one expects for which they do.

    The first is that; then each part once just misses; then the first value is missing; then each condition of the
    advice is met that leaves a code out, or brings it in.
    """
    asked, sayings = [part_line(text) for text in parts], [saying_line(text) for text in advice]
    all_there: Given = {}
    for part in asked:
        all_there |= _given(book, part, there=True)
    said = tuple(saying.code for saying in sayings if all(clause.negated for clause in saying.conditions))
    yield FirstCase("the patient for whom it was written", all_there, fires, said)
    for part in asked:
        yield FirstCase(f"just misses: {part}", all_there | _given(book, part, there=False), "nothing")
    value = next((name for name in all_there if name not in book.findings), "")
    if value:
        yield FirstCase(f"{value} missing", all_there | {value: "missing"}, "ask")
    for saying in sayings:
        for clause in saying.conditions if len(saying.conditions) == 1 else ():
            if clause.kind == "finding" and clause.value in book.findings:
                given = all_there | _given(book, Part(clause.value, clause.sense), there=True)
                codes = {"not_says" if clause.negated else "says": (saying.code,)}
                yield FirstCase(f"with {clause.value}", given, "fires", **codes)


def _given(book: RuleBook, part: Part, *, there: bool) -> Given:
    finding = book.findings[part.finding]
    if part.sense is Sense.UNSURE_ABOUT and not isinstance(finding.definition, Joined):
        return {finding.name: "unknown" if there else "no"}
    return _stated(book, finding, there=there is not (part.sense in UNTRUE))


def _stated(book: RuleBook, finding: Finding, *, there: bool) -> Given:
    """What makes a finding present, or absent: a value at its bound, or the finding itself."""
    form = finding.definition
    if isinstance(form, Joined):
        enough = (form.how == "any") is there
        given: Given = {}
        for part in form.parts[:1] if enough else form.parts:
            given |= _given(book, part, there=there)
        return given
    if isinstance(form, (Compared, SomeResult)) and (value := _value(book, form, there=there)):
        return {form.term: value}
    return {finding.name: "yes" if there else "no"}


def _value(book: RuleBook, form: Compared | SomeResult, *, there: bool) -> str:
    """The value just inside or just outside the first comparison; nothing where its bound has no usual number."""
    word, bound = form.thresholds[0].comparison
    number, term = _number(book, bound), book.terms[form.term]
    if number is None:
        return ""
    inside, outside = ABOVE[word]
    value = tidy(number + (inside if there else outside) * getattr(term, "step", 1))
    return f"{value:g} {'years' if term.unit == 'a' else term.unit}".strip()


def _number(book: RuleBook, bound: Bound) -> float | None:
    if not bound.term:
        return bound.number
    limit = book.terms[bound.term]
    usual = limit.numbers.get("default") if isinstance(limit, Computed) else None
    return None if usual is None else usual + bound.number
