"""What is known of the evidence of rules: grades that are not those printed, and sources that nobody has read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from cds.errors import Problem
from cds.rulebook.model import NOT_READ, Rule, RuleBook


def grade_problems(book: RuleBook) -> Iterator[Problem]:
    """The grades of rules that are lacking, or that differ from what ``evidence.yaml`` says is printed."""
    for rule in book.rules.values():
        said, lacking = dict(rule.grade), set(rule.evidence) - {source for source, _ in rule.grade}
        for source in sorted(said.keys() - set(rule.evidence)):
            meant = get_close_matches(source, lacking, n=1)
            lacking.difference_update(meant)
            yield _no_evidence(rule, source, *meant)
        for source in rule.evidence:
            printed = book.sources[source].grade_for(rule.id)
            if source in lacking or said.get(source, printed) != printed:
                yield _differs(rule, source, said.get(source), printed)


def _no_evidence(rule: Rule, source: str, *meant: str) -> Problem:
    what = f"{source} has a grade and is no evidence of the rule."
    todo = f"Did you mean '{meant[0]}'?" if meant else "Name it under 'evidence', or remove it."
    return Problem(*rule.spot_of(f"grade of {source}"), "grade", what, todo, "grade-differs")


def _differs(rule: Rule, source: str, said: str | None, printed: str) -> Problem:
    lacks = f"{source} has no grade." if said is None else f"the grade of {source} is not '{said}'."
    todo = f"Write '{source}: {printed}', or add the statement to {source} in evidence.yaml."
    spot = rule.spots.get(f"grade of {source}", rule.spot_of("grade"))
    return Problem(*spot, "grade", lacks, todo, "grade-differs")


def evidence_warnings(book: RuleBook, today: date) -> Iterator[Problem]:
    """Deciding rules of which nobody has read any source again, and sources whose day to be read again has passed."""
    for rule in book.rules.values():
        if rule.votes and not any(book.sources[name].is_read_for(rule.id) for name in rule.evidence):
            what = f"it decides, and nobody has read its sources again ({', '.join(rule.evidence)}: {NOT_READ})."
            todo = "Read one, and say in evidence.yaml what is printed and where it was read."
            yield Problem(*rule.spot_of("evidence"), rule.id, what, todo, "evidence-not-read")
    for source in book.sources.values():
        if source.next_check and source.next_check < today.isoformat():
            what = f"it was to be read again by {source.next_check}."
            yield Problem(*source.spot, source.id, what, "Read the original and move the date.", "evidence-check-due")
