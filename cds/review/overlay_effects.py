"""What an overlay does to a rulebook, for ``cds check`` and for those who look at base and overlay side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from cds.errors import Problem
from cds.evaluation import Evaluator
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import Failure, failure
from cds.review.number_remarks import name_notes
from cds.review.signatures import valid_signatures
from cds.rulebook.model import Finding, Frozen, RuleBook
from cds.rulebook.printing import definition_text


class Beside(NamedTuple):
    """A finding of the base and what stands instead: the sentences as the files have them, and where they stand."""

    name: str
    before: str
    after: str
    base: Finding
    local: Finding


def side_by_side(book: RuleBook) -> list[Beside]:
    """The findings that the overlay of a rulebook replaces, in the order of its files; none without an overlay."""
    if book.overlay is None:
        return []
    pairs = ((book.overlay.base.findings[name], book.findings[name]) for name in book.overlay.replaced)
    return [Beside(one.name, definition_text(one), definition_text(other), one, other) for one, other in pairs]


def is_local(book: RuleBook, file: str) -> bool:
    """Whether a file is one of the overlay."""
    return book.overlay is not None and book.overlay.layer_of(file) is not None


def overridden(book: RuleBook, failing: Iterable[Failure]) -> list[Failure]:
    """The cases of the base that fail because of the overlay: without it they hold."""
    if book.overlay is None:
        return []
    base = Evaluator(book.overlay.base, PlainReasoner(book.overlay.base))
    return [item for item in failing if not is_local(book, item.case.spot.file) and _holds(base, item)]


def _holds(base: Evaluator, item: Failure) -> bool:
    """Whether the case holds as the base has it: an overlay may have put the title that it expects in other words."""
    rule = base.book.rules.get(item.rule)
    same = [case for case in rule.cases if case.spot == item.case.spot] if rule else []
    return bool(same) and all(failure(base, item.rule, case) is None for case in same)


def overlay_notes(book: RuleBook, cases: Iterable[Failure]) -> Iterator[Problem]:
    """What is no problem of the overlay, and must not pass unnoticed."""
    for item in cases:
        what = f"{item.rule}: overridden by the overlay: expected '{item.expected}', seen '{item.seen}'."
        todo = "Nothing to do here."
        yield Problem(*item.case.spot, f"case '{item.case.name}'", what, todo, "case-overridden")
    for rule in book.rules.values():
        if is_signed_in_base_only(book, rule.id):
            what = f"{rule.id} was signed without the overlay '{book.overlay.name if book.overlay else ''}'."
            todo = "With the overlay it is a draft."
            yield Problem(*rule.spot_of("status"), "status", what, todo, "signature-overridden")
    yield from name_notes(book)


def outdated_texts(book: RuleBook) -> Iterator[Problem]:
    """The texts of cards that are not shown because they were made for another version of their rule."""
    for item in book.overlay.outdated if book.overlay else ():
        rule = book.rules[item.rule]
        what = f"its texts were made for {item.version}, and the rule is {rule.version}: they are not shown."
        if item.version == rule.version:
            what = "its texts have a variant under conditions that the rule no longer has: they are not shown."
        todo = "Read the rule, mend the texts, and write its version."
        yield Problem(*item.spot, item.rule, what, todo, "texts-outdated")


def is_signed_in_base_only(book: RuleBook, rule: str) -> bool:
    """Whether a signature fits the rule of the base, and no longer with the overlay."""
    base = book.overlay.base if book.overlay else None
    signed = base is not None and rule in base.rules and base.rules[rule].status == "signed"
    return bool(base and signed and valid_signatures(base, rule) and not valid_signatures(book, rule))


def overlay_cases_lacking(book: RuleBook, cases: Iterable[Failure]) -> Iterator[Problem]:
    """Rules of the base that an overlay changes without a case of its own; switched ones need none."""
    for name in rules_lacking_overlay_cases(book, cases):
        what = f"the overlay changes what {name} does, and brings no case for it."
        place = f"{book.overlay.place if book.overlay else ''}/overlay.yaml"
        yield Problem(place, 1, name, what, "Add one to cases.yaml.", "overlay-case-lacking")


def rules_lacking_overlay_cases(book: RuleBook, cases: Iterable[Failure]) -> list[str]:
    """The rules of which an overlay overrides cases of the base, and brings none of its own."""
    changed = sorted({item.rule for item in cases} - book.off - book.shadow)
    return [name for name in changed if not any(is_local(book, case.spot.file) for case in book.rules[name].cases)]


def without_cases(book: RuleBook, cases: Iterable[Failure]) -> RuleBook:
    """The rulebook without some cases: a case that always fails would notice every change."""
    gone = {(item.rule, item.case) for item in cases}
    if not gone:
        return book
    kept = {
        name: rule._replace(cases=tuple(case for case in rule.cases if (name, case) not in gone))
        for name, rule in book.rules.items()
    }
    return replace(book, rules=Frozen(kept))
