"""Writes docs/message-codes.md from the lists in the code: ``python tests/message_codes.py``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cds.bulk.problems import EXPORT_CODES
from cds.errors import (
    ANSWER_CODES,
    CHECK_CODES,
    PRODUCT_TABLE_CODES,
    PROOF_CODES,
    RECORD_CODES,
    RULE_CODES,
    RUN_CODES,
    VALUE_SET_CODES,
)
from cds.hooks.refusal import ISSUE_TYPES
from cds.intake.record import ISSUE_CODES, LOST_RESULTS
from cds.population.report.balance import BOOKS_CODES
from cds.trust.failures import FETCH_KINDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "message-codes.md"
TITLE = """\
# Message codes

Every message ends with its code in brackets, every issue in a result carries one. The codes are closed lists: a new one
goes into the list in the code, and `python tests/message_codes.py` writes this page anew. A test fails while the page
says something else than the code.

No message says what only follows from another one. A name in a rule file that cannot be read is known all the same
(`rulebook/definitions.py` finds it in the text); one that may stand in a file of no YAML is counted in a last line,
`Not shown: ...`. A name that nobody defines is said once for all its places (`rulebook/unknown.py`). `cds check` tries
no small change while a case fails, and holds those back that no case can notice before another remark is settled
(`review/check.py`). `tests/test_cause_first.py` makes one of each kind that `cds check` remarks.
"""
ISSUES = """\
They stand in the result beside the answer, under `issues`; their text holds no patient data. What the record calls a
medicine or condition that was not understood is kept apart (`Issue.names`) and stands beside the text only on a card,
in the JSON and on the terminal, never in a journal or a figure.

An issue with `not_used` (the type of a resource that was not used because of it) is counted on the deciding card, and
in words there (`cards/not_used.py`); with `Record.lose_resource`, nothing of that kind is then absent. Of the issues
about results (`Record.lose_result`), those with * that name a term reach a card (rule DATA-06, and the deciding card
where something is not known); a result without a value, or by a code that is never read, only where no usable result of
that day or later says the same. The others are told here alone.
"""


class Chapter(NamedTuple):
    """A list of codes: its heading, what it is about, where it stands, and the meaning of each code."""

    heading: str
    about: str
    home: str
    meanings: Mapping[str, str]


def _issues() -> dict[str, str]:
    """The issues, and for those of results that were not used that this is so."""
    return {code: f"{said}{' *' if code in LOST_RESULTS else ''}" for code, said in ISSUE_CODES.items()}


def _refusals() -> dict[str, str]:
    return {str(status): f"The code of the issue is `{kind}`." for status, kind in ISSUE_TYPES.items()}


CHAPTERS = (
    Chapter(
        "Rule files",
        "What is wrong with a rule file; nothing is evaluated while one of these stands. `tests/bad_rules/` has an "
        "example of each, with its message.",
        "`RULE_CODES` in `cds/errors.py`",
        RULE_CODES,
    ),
    Chapter(
        "Remarks of `cds check`",
        "What the review by machine says about rule files that load; evaluation goes on all the same.",
        "`CHECK_CODES` in `cds/errors.py`",
        CHECK_CODES,
    ),
    Chapter(
        "Proofs",
        "What `cds prove` says of a property, with `--format sarif`, `github` or `junit`.",
        "`PROOF_CODES` in `cds/errors.py`",
        PROOF_CODES,
    ),
    Chapter(
        "Patient data that cannot be read",
        "The file is not evaluated; the others are.",
        "`RECORD_CODES` in `cds/errors.py`",
        RECORD_CODES,
    ),
    Chapter(
        "Answers that cannot be given",
        "The patient gets no answer; the others get theirs. `program-error` names the kind of the exception and its "
        "place, and nothing of its text.",
        "`ANSWER_CODES` in `cds/errors.py`",
        ANSWER_CODES,
    ),
    Chapter(
        "Issues in a record",
        ISSUES,
        "`ISSUE_CODES` and `LOST_RESULTS` in `cds/intake`",
        _issues(),
    ),
    Chapter(
        "A hospital's ValueSet",
        "What `cds import-value-set` says; nothing is written while a ValueSet has a problem.",
        "`VALUE_SET_CODES` in `cds/errors.py`",
        VALUE_SET_CODES,
    ),
    Chapter(
        "A hospital's table of products",
        "What `cds import-products` says, with the line of the table; nothing is written while it has a problem.",
        "`PRODUCT_TABLE_CODES` in `cds/errors.py`",
        PRODUCT_TABLE_CODES,
    ),
    Chapter(
        "An export from a Bulk Data server",
        "What `cds population export` says; what was fetched is kept, and the same command goes on.",
        "`EXPORT_CODES` in `cds/bulk/problems.py`",
        EXPORT_CODES,
    ),
    Chapter(
        "The folder of a run",
        "What `cds population compare` and others say of a run that they cannot take; nothing is written.",
        "`RUN_CODES` in `cds/errors.py`",
        RUN_CODES,
    ),
    Chapter(
        "The books of a population",
        "What the summary of a run finds wrong with it, beside the problems that the run wrote down; the run is called "
        "incomplete.",
        "`BOOKS_CODES` in `cds/population/report/balance.py`",
        BOOKS_CODES,
    ),
    Chapter(
        "Requests to other servers",
        "Why a key set or FHIR data could not be fetched: in readiness, journal and metrics of the service.",
        "`FETCH_KINDS` in `cds/trust/failures.py`",
        FETCH_KINDS,
    ),
    Chapter(
        "Refusals of the service",
        "The HTTP status of an answer that is not 200, and the code of the issue in its OperationOutcome.",
        "`ISSUE_TYPES` in `cds/hooks/refusal.py`",
        _refusals(),
    ),
)


def text_of(chapter: Chapter) -> str:
    """A chapter as Markdown."""
    rows = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in chapter.meanings.items())
    about = f"{chapter.about.rstrip()}\n\nThe list is {chapter.home}."
    return f"\n## {chapter.heading}\n\n{about}\n\n| code | meaning |\n|---|---|\n{rows}"


def page() -> str:
    """The whole page."""
    return TITLE + "".join(text_of(chapter) for chapter in CHAPTERS)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
