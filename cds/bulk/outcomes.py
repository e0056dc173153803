"""What a server says is wrong: OperationOutcomes in words, and whether it may be otherwise in a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from cds.bulk.pace import asked_wait
from cds.bulk.problems import ExportError, TransientError
from cds.cards.wording import plain
from cds.jsontypes import Json

LONGEST_TEXT = 300
PASSING = frozenset({"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"})
"""http://hl7.org/fhir/issue-type: transient, and what is below it."""
BAD = frozenset({"fatal", "error"})


class Said(NamedTuple):
    """The answer of a server that is not what was asked for. ``text`` is empty where it gave no reason."""

    status: int
    text: str
    codes: frozenset[str]
    again: float | None

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed in a while."""
        return self.status == 429 or (self.status >= 500 and self.codes <= PASSING)

    def error(self, code: str, what: str, todo: str = "") -> ExportError:
        """An error that says what could not be done, why, and what to do; a transient one where it passes."""
        why = self.text or "It gives no reason."
        text = f"{what} (status {self.status}). {why if why[-1] in '.!?…' else f'{why}.'} {todo}".rstrip()
        return TransientError(code, text, self.again) if self.passes else ExportError(code, text)


def said(status: int, headers: Mapping[str, str], body: bytes) -> Said:
    """What an answer says, whatever its form."""
    issues = issues_of(body)
    texts = [_text(issue) for issue in issues]
    codes = frozenset(str(issue.get("code")) for issue in issues if issue.get("severity") in BAD)
    text = plain("; ".join(dict.fromkeys(filter(None, texts))))
    return Said(status, text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…", codes, asked_wait(headers))


def issues_of(body: bytes) -> list[Json]:
    """The issues of an OperationOutcome; none of anything else."""
    try:
        outcome: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    found = outcome.get("issue") if isinstance(outcome, dict) else None
    return [issue for issue in found if isinstance(issue, dict)] if isinstance(found, list) else []


def _text(issue: Json) -> str:
    details = issue.get("details")
    words = details.get("text") if isinstance(details, dict) else None
    return str(issue.get("diagnostics") or words or issue.get("code") or "").strip()


def severities(lines: Iterable[bytes]) -> Counter[str]:
    """How many issues of each severity an error file has; a line that is no OperationOutcome counts as an error."""
    found: Counter[str] = Counter()
    for line in lines:
        if line.strip():
            issues = issues_of(line)
            found.update(str(issue.get("severity", "error")) for issue in issues)
            found["error"] += not issues
    return found
