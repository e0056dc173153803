"""What differs between an expected patient and the answer, as a clinician reads it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from cds.cards.card import summary_of
from cds.evaluation import Evaluation
from cds.explanation import why
from cds.jsontypes import Json
from cds.result import meaning_of
from cds.testing.expected import Expected

MOST = 4
"""Where more findings than these are behind one, it is named, and they are not."""


def differences(expected: Expected, evaluation: Evaluation) -> list[str]:
    """A line for each thing that is not as expected, and below it what it rests on; empty where all is."""
    asked: set[str] = set()
    found = (_decision(expected, evaluation, asked), _rules(expected, evaluation, asked), _advice(expected, evaluation))
    return list(chain.from_iterable(found))


def head_of(expected: Expected, evaluation: Evaluation) -> list[str]:
    """Who is expected where, why, and which rulebook answered."""
    book = evaluation.book
    over = f" with {book.overlay.name}" if book.overlay else ""
    return [
        f"{expected.place}: {expected.patient}, as of {expected.as_of}, by rulebook {book.version}{over}",
        f"expected because: {expected.why}",
    ]


def _decision(expected: Expected, evaluation: Evaluation, asked: set[str]) -> Iterator[str]:
    book, decision = evaluation.book, evaluation.decision
    rule = book.rules.get(decision.decided_by)
    decided = f"{decision.decided_by} ({rule.title})" if rule else decision.decided_by
    if decision.outcome != expected.outcome:
        yield f"outcome: expected {expected.outcome}, and it is {decision.outcome}: {meaning_of(evaluation)}"
        if not expected.decided_by:
            yield f"    decided by {decided}"
            yield from _because(evaluation, decision.decided_by, asked)
    if expected.decided_by and decision.decided_by != expected.decided_by:
        yield f"decided by: expected {expected.decided_by}, and it is {decided}"
        for name in (expected.decided_by, decision.decided_by):
            yield f"    {name} {_verdict(evaluation, name)}"
            yield from _because(evaluation, name, asked)


def _rules(expected: Expected, evaluation: Evaluation, asked: set[str]) -> Iterator[str]:
    said = {item.rule: item for item in evaluation.decision.said}
    for rule in expected.speaks:
        if rule not in said:
            yield f"{rule} ({evaluation.book.rules[rule].title}): expected to speak, and {_verdict(evaluation, rule)}"
            yield from _because(evaluation, rule, asked)
    for rule in expected.silent:
        if rule in said:
            yield f'{rule}: expected to be silent, and says "{summary_of(evaluation, said[rule])}"'
            yield from _because(evaluation, rule, asked)


def _advice(expected: Expected, evaluation: Evaluation) -> Iterator[str]:
    given = {code: item.rule for item in evaluation.decision.said for code in item.codes}
    for code in expected.advises:
        if code not in given:
            yield f"advice: expected {code}, and it is not given. Given are: {', '.join(sorted(given)) or 'none'}"
    for code in expected.does_not_advise:
        if code in given:
            yield f"advice: {code} is not expected, and {given[code]} gives it"


def _verdict(evaluation: Evaluation, rule: str) -> str:
    return str(why(evaluation, [rule])[0]["verdict"]) if rule in evaluation.book.rules else "is no rule in force"


def _because(evaluation: Evaluation, rule: str, asked: set[str]) -> Iterator[str]:
    """The findings that carry what became of a rule, with the facts that they read; nothing of a rule asked before."""
    if rule not in evaluation.book.rules or rule in asked:
        return
    asked.add(rule)
    for part in why(evaluation, [rule])[0]["parts"]:
        if part["carries"]:
            found = list(_leaves([part]))
            yield from (f"        {line}" for line in (found if len(found) <= MOST else [_state(part)]))


def _leaves(parts: list[Json]) -> Iterator[str]:
    for part in parts:
        if part["carries"] and "how" in part:
            yield from _leaves(part["parts"])
        elif part["carries"]:
            yield _state(part) + _facts(part)


def _state(part: Json) -> str:
    return f"{part['finding']} is {part['state']}"


def _facts(part: Json) -> str:
    told = [f"{fact['term']} {fact['text']}{_dated(fact)}" for fact in part["facts"]]
    read = "; ".join([*told, *part["sources"]])
    return f" ({read})" if read else ""


def _dated(fact: Json) -> str:
    old = fact.get("tooOld")
    if old:
        return f", {old['text']} of {old['date']} is too old"
    return f" of {fact['date']}" if "date" in fact else ""
