"""Many results, and a rulebook, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cds.api.results import Result, Results
from cds.cards.card import cards_of
from cds.cards.closing import disclaimer_of
from cds.cards.wording import plain
from cds.errors import with_code
from cds.notebook.evaluations import outcome_colour
from cds.notebook.markup import BLUE, FRAME, MUTED, RED, Html, boxed, element, rows, tag, unbroken
from cds.rulebook.model import RuleBook

MOST = 100
"""How many results are shown; rows() and to_frame() have all."""


def results_html(results: Results) -> Html:
    """How many there are of each outcome, then a line for each of the first results."""
    shown = results[:MOST]
    more = len(results) - len(shown)
    return element(
        "div",
        element("p", _counts(results)),
        rows(("file", "patient", "outcome", unbroken("decided by"), "what the first card says"), map(_line, shown)),
        element("p", f"And {more} more: rows() and to_frame() have all.", style=MUTED) if more else "",
        element("p", _disclaimer(results), style=MUTED),
        style=FRAME,
    )


def _counts(results: Results) -> Iterator[Any]:
    """``14 patients: 6 continue, 1 hold; 2 errors``."""
    yield f"{len(results)} in all: "
    yield ", ".join(f"{count} {outcome}" for outcome, count in results.outcomes.items()) or "no outcome"
    if errors := len(results.errors):
        yield f"; {errors} without an answer"


def _disclaimer(results: Results) -> str:
    """What such answers are not; nothing where there is none."""
    found = [one.evaluation for one in results if one.evaluation is not None]
    rules = {said.rule for one in found for said in one.decision.said}
    return found[0].book.wording.phrase(disclaimer_of(found[0].book, rules)) if found else ""


def _line(result: Result) -> Iterable[Any]:
    evaluation = result.evaluation
    if evaluation is None:
        said = with_code(result.error) if result.error else ""
        return plain(result.file), plain(result.patient), tag("error", RED), "", said
    decision, cards = evaluation.decision, cards_of(evaluation)
    outcome = tag(decision.outcome, outcome_colour(evaluation.book, decision.outcome))
    said = cards[0]["summary"] if cards else ""
    return plain(result.file), plain(result.patient), outcome, unbroken(decision.decided_by), said


def result_html(result: Result) -> Html:
    """The error that stands in place of an evaluation."""
    said = with_code(result.error) if result.error else ""
    return element("div", boxed(RED, tag("error", RED), f"{plain(result.file)}: {said}"), style=FRAME)


def rulebook_html(book: RuleBook) -> Html:
    """Which rulebook it is, and how much stands in it."""
    statuses = Counter(rule.status for rule in book.rules.values())
    told = {
        "version": f"{book.version}, sha256 {book.sha256[:12]}",
        "laid over it": book.overlay.name if book.overlay else "nothing",
        "rules": f"{len(book.rules)} ({', '.join(f'{count} {status}' for status, count in sorted(statuses.items()))})",
        "not heard": ", ".join(sorted(book.off | book.shadow)) or "none: every rule is in force",
        "findings": str(len(book.findings)),
        "terms": str(len(book.terms)),
        "sources": str(len(book.sources)),
        "outcomes": [tag(outcome, outcome_colour(book, outcome)) for outcome in book.outcomes],
    }
    lines = ((element("strong", name), value) for name, value in told.items())
    return element("div", boxed(BLUE, element("strong", book.title), rows((), lines)), style=FRAME)
