"""What users did with cards: checked, and kept as JSON lines without anything about the patient."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from cds.hooks.call import RefusedError

Json = dict[str, Any]
Keep = Callable[[str, Json], None]
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def entries_of(body: object) -> list[Json]:
    """The feedback entries of a body, each with what the standard requires.

    Raises:
        RefusedError: 400, with the number of the first entry that is wrong.

    """
    entries = body.get("feedback") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not entries:
        raise RefusedError(400, "'feedback' is not a list of entries.")
    for number, entry in enumerate(entries, 1):
        if wrong := _wrong(entry):
            raise RefusedError(400, f"feedback entry {number}: {wrong}")
    return entries


def _wrong(entry: Any) -> str:
    if not isinstance(entry, dict) or not _UUID.fullmatch(str(entry.get("card"))):
        return "'card' is not the uuid of a card."
    if not _TIME.fullmatch(str(entry.get("outcomeTimestamp"))):
        return "'outcomeTimestamp' is no time with a zone."
    accepted = entry.get("acceptedSuggestions")
    if entry.get("outcome") == "accepted":
        fine = isinstance(accepted, list) and accepted and all(isinstance(a, dict) and a.get("id") for a in accepted)
        return "" if fine else "'acceptedSuggestions' names no suggestion."
    return "" if entry.get("outcome") == "overridden" else "'outcome' is neither accepted nor overridden."


def keeper(path: Path | None) -> Keep:
    """Appends each entry once to a file; without a file, entries are checked and dropped.

    Comments of users are not kept: they may name the patient.
    """
    seen: set[bytes] = set(path.read_bytes().splitlines()) if path is not None and path.exists() else set()

    def keep(service: str, entry: Json) -> None:
        reason = entry.get("overrideReason")
        code = reason.get("reason") if isinstance(reason, dict) else None
        line = orjson.dumps({
            "service": service, "card": entry["card"], "outcome": entry["outcome"], "at": entry["outcomeTimestamp"],
            "suggestions": [item["id"] for item in entry.get("acceptedSuggestions") or ()],
            "reason": code.get("code") if isinstance(code, dict) else None,
        })  # fmt: skip
        if path is not None and line not in seen:
            seen.add(line)
            with path.open("ab") as file:
                file.write(line + b"\n")

    return keep
