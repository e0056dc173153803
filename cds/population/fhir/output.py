"""What a run gives as FHIR R4: MeasureReports with their Measure, a Group per outcome, a DetectedIssue per warning.

Written row after row in the order of the patients: equal answers are equal bytes, whatever the engine and the parts.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from cds.errors import CdsError
from cds.exchange.export import as_bytes
from cds.exchange.measure import measure_of
from cds.population.books.finished_run import finished_run
from cds.population.fhir.detected_issues import detected_issues
from cds.population.fhir.groups import group_ids, outcome_groups, write_group
from cds.population.fhir.measure_reports import subject_list_report, summary_report
from cds.population.tables.run_tables import counts_of, namesakes_in, tables
from cds.rulebook.model import RuleBook

FOLDER = "fhir"


class OtherRulebookError(CdsError):
    """The run was made with other rules than those that are to name what it says."""

    code = "other-rulebook"


def write_fhir(folder: Path, book: RuleBook) -> list[Path]:
    """Write ``fhir/`` in the folder of a run, in place of an older one; the files, in the order of their names.

    Raises:
        NotARunError: the folder holds no run whose answers can be read.
        OtherRulebookError: the run was made with other rules.
        OSError: a file cannot be written.

    """
    run = finished_run(folder)
    if run.sha256 != book.sha256:
        other = f"The run in '{folder}' was made with rulebook {run.rulebook}, and these are {book.version}"
        raise OtherRulebookError(f"{other}, sha256 {book.sha256[:12]}. Name its rules with --rules and --overlay.")
    counts, namesakes, place = counts_of(run), namesakes_in(run), folder / FOLDER
    place.mkdir(exist_ok=True)
    groups = group_ids(run, book)
    for name, resource in {
        "Measure.json": measure_of(book),
        "MeasureReport.json": summary_report(run, book, counts),
        "MeasureReport-subject-list.json": subject_list_report(run, book, counts, groups),
    }.items():
        (place / name).write_bytes(as_bytes(resource))
    with (place / "Group.ndjson").open("wb") as file, tables(run=run) as table:
        for group in outcome_groups(run, book, counts):
            write_group(file, group, table, book, namesakes)
    with (place / "DetectedIssue.ndjson").open("wb") as file:
        for issue in detected_issues(run, book, namesakes):
            file.write(orjson.dumps(issue, option=orjson.OPT_APPEND_NEWLINE))
    return sorted(place.glob("*"))
