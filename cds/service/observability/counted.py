"""What the service counts, by name, with the words for it; and the figures of several processes as those of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from cds.service.observability.figures import Figures, LastFired, silent_decisions

TALLIES = {
    "decisions": ("outcome", "Decisions by outcome."),
    "decided_by": ("rule", "Decisions by the rule that decided."),
    "rule_fired": ("rule", "How often the condition of a rule held."),
    "rule_shadowed": ("rule", "How often a rule in shadow would have fired."),
    "rule_missed": ("rule", "How often a rule that is switched off, or put into shadow, would have counted."),
    "finding_unknown": ("finding", "How often a finding could not be settled."),
    "record_issue": ("code", "Issues of records, by code."),
    "result_not_read": ("text", "Results that were not used, by what is said of them: a term and a reason."),
    "resource": ("standing", "Resources that were sent, by what became of them: the account of an answer."),
    "card_left_out": ("topic", "Cards that a cool-down left out."),
    "denied": ("reason", "Calls that were denied, by the reason: who calls could not be verified, or calls too often."),
    "fetch_failed": ("kind", "Requests to key servers and FHIR servers that failed, by the kind of failure."),
    "event": ("name", "Things that an operator should look at, such as a rulebook that was refused."),
}

DURATIONS = {
    "request_seconds": (("endpoint", "status"), "Seconds from request to answer."),
    "advice_seconds": (("service", "hook"), "Seconds from a call to its advice, of calls that were answered."),
}
ALARMING = (
    "answered-not-recorded",
    "clock-jumped",
    "connection-closed-for-another",
    "connection-refused",
    "connection-too-slow",
    "not-recorded",
    "records-beside-gone",
    "records-deleted",
    "records-moved",
    "self-test-failed",
)
"""Events that SERVICE.md names for alarms."""


def figures_of(states: Iterable[dict[str, Any]] = ()) -> Figures:
    """The figures of several processes together, but for when a rule last fired; of none, figures of nothing yet."""
    found = Figures(TALLIES, DURATIONS)
    for state in states:
        found.add(state)
    return found


def added(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of several processes as those of one."""
    found = figures_of(states)
    for state in states:
        found.begun = min(found.begun, state["begun"])
        for rule, (at, _) in state["fired"].items():
            found.fired[rule] = max(found.fired.get(rule, LastFired(0.0, 0)), LastFired(at, 0))
    total = found.state()
    silent = {rule: silent_decisions(rule, states) for rule in found.fired}
    decisions = found.tallies["decisions"].total()
    fired = {rule: [last.at, decisions - silent[rule]] for rule, last in found.fired.items()}
    written = max((state["written"] for state in states), default=found.begun)
    parsed: dict[str, Any] = orjson.loads(orjson.dumps({**total, "fired": fired, "written": written}))
    return parsed
