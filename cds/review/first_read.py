"""What somebody who signs a rule reads first: for whom it is, what may go wrong, what it does not see, a few cases."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import Problem
from cds.rulebook.model import Rule, RuleBook

MOST_TELLING = 5
"""So many cases of a rule are read by whoever signs it."""
TODO = (
    f"Add it; {MOST_TELLING} cases are telling: it fires, just not, missing data, an exception, a dangerous neighbour."
)


def reader_problems(book: RuleBook) -> Iterator[Problem]:
    """What rules lack of it; asked of every rule once one of them says for whom it is."""
    rules = list(book.rules.values())
    for rule in rules if any(rule.reader for rule in rules) else ():
        if lacking := [name for name, there in _parts(rule).items() if not there]:
            what = f"whoever signs it misses {', '.join(lacking)}."
            yield Problem(*rule.spot, rule.id, what, TODO, "reader-missing")


def _parts(rule: Rule) -> dict[str, bool]:
    """What there is of it, by the key of the file."""
    telling = sum(case.telling for case in rule.cases) >= min(MOST_TELLING, len(rule.cases))
    return {
        "act": bool(rule.card.act),
        "reader": rule.reader is not None,
        "limits": bool(rule.limits),
        "telling": telling,
    }
