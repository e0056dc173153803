"""What somebody who signs a rule reads first: for whom it is, what may go wrong, what it does not see, a few cases."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import Problem
from cds.rulebook.model import Rule, RuleBook, Spot

MOST_TELLING = 5
"""So many cases of a rule are read by whoever signs it."""
TO_WRITE = "TODO"
KINDS = f"{MOST_TELLING} cases are telling: it fires, just not, missing data, an exception, a dangerous neighbour."
TODO = f"Add it; {KINDS}"


def reader_problems(book: RuleBook) -> Iterator[Problem]:
    """What rules lack of it; asked of every rule once one of them says for whom it is."""
    rules = list(book.rules.values())
    for rule in rules if any(rule.reader for rule in rules) else ():
        if lacking := [name for name, there in _parts(rule).items() if not there]:
            what = f"whoever signs it misses {', '.join(lacking)}."
            yield Problem(*rule.spot, rule.id, what, _todo(rule, lacking), "reader-missing")


def _todo(rule: Rule, lacking: list[str]) -> str:
    """What to add; where only telling cases lack, how many are there and how many more to mark."""
    if lacking != ["telling"]:
        return TODO
    told = sum(case.telling for case in rule.cases)
    wanted = min(MOST_TELLING, len(rule.cases))
    return f"{told} of {len(rule.cases)} cases say 'telling: yes'; mark {wanted - told} more. {KINDS}"


def todo_problems(book: RuleBook) -> Iterator[Problem]:
    """Texts of a rule or of a finding that are still to be written, as 'cds new rule' leaves them."""
    for rule in book.rules.values():
        for place, text in _texts(rule).items():
            if text.startswith(TO_WRITE):
                yield _not_written(rule.spots.get(place, rule.spot), f"{rule.id} {place}", text)
    for finding in book.findings.values():
        if finding.says.startswith(TO_WRITE):
            yield _not_written(finding.spot, f"{finding.name} says", finding.says)


def _not_written(spot: Spot, place: str, text: str) -> Problem:
    return Problem(*spot, place, f"'{text}' is still to be written.", "Write it.", "text-not-written")


def _texts(rule: Rule) -> dict[str, str]:
    """What a clinician writes of it in free words, by the place."""
    card = {"card summary": rule.card.summary, "card fallback": rule.card.fallback, "card detail": rule.card.detail}
    reader = {
        f"reader {key.replace('_', ' ')}": text for key, text in (rule.reader._asdict() if rule.reader else {}).items()
    }
    limits = {f"limit {number}": text for number, text in enumerate(rule.limits, 1)}
    plain = {"title": rule.title, "says": rule.says, "because": rule.because, "owner": rule.owner}
    return plain | card | reader | limits | {f"case {number}": case.name for number, case in enumerate(rule.cases, 1)}


def _parts(rule: Rule) -> dict[str, bool]:
    """What there is of it, by the key of the file."""
    telling = sum(case.telling for case in rule.cases) >= min(MOST_TELLING, len(rule.cases))
    return {
        "act": bool(rule.card.act),
        "reader": rule.reader is not None,
        "limits": bool(rule.limits),
        "telling": telling,
    }
