"""What a card says of results that were not used: which one, of which day, and the one reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cds.cards.called import Calls
from cds.facts.chart import Chart
from cds.intake.record import Issue
from cds.intake.times import moment

UNIT, NO_UNIT = "unusable-unit", "unit missing"
REASONS = {
    UNIT: "unit not understood",
    "implausible-value": "value impossible",
    "future-date": "dated after this day",
    "withdrawn-result": "withdrawn by the laboratory",
    "status-not-final": "not final yet",
    "no-value": "no value",
    "flagged-without-value": "flagged, no value",
    "not-a-number": "no plain number",
    "two-values": "two values",
    "undated-result": "no date",
    "refused-code": "a code that is never read",
    "possible-result": "no known code",
    "value-and-reason": "a value and a reason for none",
    "spoiled-result": "not reliable, by its own note",
    "modifier-not-understood": "a modifier that is not understood",
}
"""What is said of each issue of a lost result; of any other one only that it could not be read."""
OTHERWISE = "could not be read"
LONGEST_VALUE = 24


def lost_results(
    chart: Chart, calls: Calls, safe: Callable[[str, int], str], day: Callable[[int, int], str]
) -> Iterator[str]:
    """``serum calcium 6.1 mg/dL of 20 Nov 2026 not used: withdrawn by the laboratory``, one for each result.

    A result that two terms would read is named by the first of them.
    """
    named: dict[tuple[str, str], Issue] = {}
    for each in chart.unused:
        named.setdefault((each.source, each.code), each)
    for issue in named.values():
        wording, name = chart.book.wording, chart.book.wording.name(issue.term)
        value, dated = safe(calls.written(issue.source), LONGEST_VALUE), calls.dated(issue.source)
        when = moment(dated)
        of = f" of {day(when.first, when.last)}" if when else ""
        reason = NO_UNIT if issue.code == UNIT and not calls.unit(issue.source) else REASONS.get(issue.code, OTHERWISE)
        yield wording.remark(f"{name}{value and f' {value}'}{of} not used: {reason}")
