"""What users did with cards, as they report it (https://cds-hooks.hl7.org/2.0/#feedback): checked, not yet kept."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, NamedTuple

from cds.hooks.refusal import RefusedError
from cds.jsontypes import Json

MOST_ENTRIES = 1000
LONGEST_COMMENT = 4000
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Feedback(NamedTuple):
    """One entry: the card (uuid, lower case), ``accepted`` or ``overridden``, and when (UTC).

    ``suggestions`` are the uuids of those accepted; ``reason`` is the code for overriding with its system, as it was
    sent; ``comment`` may name the patient: whoever keeps it must know that.
    """

    card: str
    outcome: str
    at: datetime
    suggestions: tuple[str, ...] = ()
    reason: str = ""
    reason_system: str = ""
    comment: str = ""


def feedback_of(body: object) -> list[Feedback]:
    """The entries of a body; one card may be reported several times, and cards of several calls in one body.

    Raises:
        RefusedError: 400, with what is wrong with each entry; then none of them counts.

    """
    entries = body.get("feedback") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not entries:
        raise RefusedError(400, "'feedback' is not a list of entries.")
    if len(entries) > MOST_ENTRIES:
        raise RefusedError(400, f"'feedback' has more than {MOST_ENTRIES} entries.")
    wrong = [f"feedback entry {number}: {why}" for number, entry in enumerate(entries, 1) if (why := _wrong(entry))]
    if wrong:
        raise RefusedError(400, " ".join(wrong[:10]))
    return [_entry(entry) for entry in entries]


def _wrong(entry: Any) -> str:
    """Why an entry is refused; empty when it is fine."""
    if not isinstance(entry, dict) or not _UUID.fullmatch(str(entry.get("card"))):
        return "'card' is not the uuid of a card."
    if _time_of(entry.get("outcomeTimestamp")) is None:
        return "'outcomeTimestamp' is no time with a zone."
    if entry.get("outcome") == "accepted":
        return "" if _suggestions(entry) else "'acceptedSuggestions' names no suggestion."
    if entry.get("outcome") != "overridden":
        return "'outcome' is neither accepted nor overridden."
    return _wrong_reason(entry.get("overrideReason"))


def _wrong_reason(reason: Any) -> str:
    """Overriding needs no reason; a reason needs a code or a comment (cds-fb-3)."""
    if reason is None:
        return ""
    if not isinstance(reason, dict):
        return "'overrideReason' is not a JSON object."
    code, comment = reason.get("reason"), reason.get("userComment")
    if code is None and comment is None:
        return "'overrideReason' has neither 'reason' nor 'userComment'."
    if comment is not None and not isinstance(comment, str):
        return "'overrideReason.userComment' is no text."
    if code is not None and not (isinstance(code, dict) and isinstance(code.get("code"), str) and code["code"]):
        return "'overrideReason.reason' has no code."
    return ""


def _suggestions(entry: Json) -> tuple[str, ...]:
    """The uuids of the suggestions that were accepted; empty when one of them is no text."""
    listed = entry.get("acceptedSuggestions")
    items = listed if isinstance(listed, list) else []
    names = [item.get("id") if isinstance(item, dict) else None for item in items]
    return tuple(str(name) for name in names) if all(isinstance(name, str) and name for name in names) else ()


def _time_of(text: Any) -> datetime | None:
    """The time in UTC; fractions of a second are cut to microseconds."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    zone = "+00:00" if match[3] in "Zz" else match[3]
    fraction = f"{match[2] or '.0'}000000"[:7]
    try:
        return datetime.fromisoformat(f"{match[1].upper()}{fraction}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _entry(entry: Json) -> Feedback:
    reason = (entry.get("overrideReason") or {}) if entry["outcome"] == "overridden" else {}
    code = reason.get("reason") or {}
    at = _time_of(entry["outcomeTimestamp"]) or datetime.min.replace(tzinfo=timezone.utc)
    system, comment = code.get("system"), (reason.get("userComment") or "")[:LONGEST_COMMENT]
    system = system if isinstance(system, str) else ""
    card, outcome, suggestions = entry["card"].lower(), entry["outcome"], _suggestions(entry)
    return Feedback(card, outcome, at, suggestions, code.get("code") or "", system, comment)
