"""The counts of a run as FHIR R4 MeasureReports: the summary, and the same with who is meant (subject-list).

R4 lets ``subjectResults`` name a List of one MeasureReport for each patient and nothing else, so it is left out: the
subject-list names a Group by the element ``subjects`` of R5, which R4 has as an extension
(http://hl7.org/fhir/R4/versions.html#extensions). No score and no ``date``: equal runs are equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cds.exchange.measure import INITIAL, MEASURE, Cohort, cohorts_of, rule_concept
from cds.exchange.publication import reference
from cds.jsontypes import Json
from cds.population.books.finished_run import FinishedRun
from cds.population.tables.run_tables import RunCounts
from cds.rulebook.model import RuleBook

SUBJECTS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.population.subjects"
MESSAGES = "http://hl7.org/fhir/StructureDefinition/cqf-messages"
"""An OperationOutcome with what went wrong (FHIR Extensions Pack)."""
SUMMARY, SUBJECT_LIST = "summary", "subject-list"
More: TypeAlias = Callable[[Cohort], Json]


def summary_report(run: FinishedRun, book: RuleBook, counts: RunCounts) -> Json:
    """The MeasureReport that names nobody. Its counts are exact, small ones too."""
    return _report(run, book, counts, SUMMARY, lambda _: {})


def subject_list_report(run: FinishedRun, book: RuleBook, counts: RunCounts, groups: Mapping[str, str]) -> Json:
    """The same with the Group of each outcome, and of those without an answer; ``groups`` are their ids by outcome."""

    def subjects(cohort: Cohort) -> Json:
        if cohort.kind not in ("outcome", "refused"):
            return {}
        group = {"reference": f"Group/{groups[cohort.name]}"}
        return {"extension": [{"url": SUBJECTS, "valueReference": group}]}

    return _report(run, book, counts, SUBJECT_LIST, subjects)


def _report(run: FinishedRun, book: RuleBook, counts: RunCounts, kind: str, more: More) -> Json:
    day = run.as_of.isoformat()
    return {
        "resourceType": "MeasureReport",
        "id": f"{kind}-{run.identity}",
        **_messages(run),
        "identifier": [{"system": f"{book.canonical}/population-run", "value": run.identity}],
        "status": "error" if run.problems else "complete",
        "type": kind,
        "measure": reference(book, "Measure", MEASURE),
        "period": {"start": day, "end": day},
        "group": [_group(book, cohort, counts, run, more) for cohort in cohorts_of(book)],
    }


def _messages(run: FinishedRun) -> Json:
    """Of an incomplete run what its ledger says is wrong: its counts are not those of the whole population."""
    if not run.problems:
        return {}
    issues = [{"severity": "error", "code": "incomplete", "diagnostics": text} for text in run.problems]
    outcome = {"resourceType": "OperationOutcome", "id": "problems", "issue": issues}
    return {"contained": [outcome], "extension": [{"url": MESSAGES, "valueReference": {"reference": "#problems"}}]}


def _group(book: RuleBook, cohort: Cohort, counts: RunCounts, run: FinishedRun, more: More) -> Json:
    count = _count(cohort, counts, run)
    group = {"code": cohort.code, "population": [{**more(cohort), "code": INITIAL, "count": count}]}
    strata = _strata(book, cohort, counts)
    if strata:
        group["stratifier"] = [{"code": [{"text": cohort.shared_out}], "stratum": strata}]
    return group


def _count(cohort: Cohort, counts: RunCounts, run: FinishedRun) -> int:
    return {
        "everybody": run.patients,
        "outcome": counts.outcomes[cohort.name],
        "refused": sum(counts.refused.values()),
        "rule": counts.fired[cohort.name],
    }[cohort.kind]


def _strata(book: RuleBook, cohort: Cohort, counts: RunCounts) -> list[Json]:
    """How a cohort is shared out, in the order of the names."""
    if cohort.kind == "outcome":
        own = {by: count for (outcome, by), count in counts.decided.items() if outcome == cohort.name}
    else:
        own = dict(counts.refused) if cohort.kind == "refused" else {}
    return [
        {
            "value": rule_concept(book, name) if name in book.rules else {"text": name},
            "population": [{"code": INITIAL, "count": own[name]}],
        }
        for name in sorted(own)
    ]
