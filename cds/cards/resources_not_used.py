"""What stood in the data and was not used, counted: how many of which type, and why; nothing of what they say."""

from __future__ import annotations

from collections import Counter

from cds.intake.record import Record
from cds.jsontypes import Json
from cds.rulebook.model import Wording

TYPES_IN_WORDS = {
    "Observation": ("test result", "test results"),
    "Condition": ("condition", "conditions"),
    "MedicationStatement": ("medication statement", "medication statements"),
    "MedicationRequest": ("medication order", "medication orders"),
    "MedicationDispense": ("medicine that was handed out", "medicines that were handed out"),
    "MedicationAdministration": ("medicine that was given", "medicines that were given"),
    "Medication": ("medication", "medications"),
    "Procedure": ("procedure", "procedures"),
    "AllergyIntolerance": ("allergy or intolerance", "allergies or intolerances"),
    "Goal": ("goal", "goals"),
    "Patient": ("patient", "patients"),
    "Bundle": ("part of the data", "parts of the data"),
    "Resource": ("entry", "entries"),
}
"""One, and several, of each type of ``Issue.not_used``, in words."""
WHY_NOT_USED = {
    "other-patient": ("it names another patient", "they name another patient"),
    "other-focus": ("it is about somebody or something else", "they are about somebody or something else"),
    "unreadable-resource": ("it cannot be read", "they cannot be read"),
    "unnamed-medicine": ("its medicine is named nowhere in the data", "their medicines are named nowhere in the data"),
    "conditions-not-known": ("it says that nothing is known", "they say that nothing is known"),
    "unknown-resource": ("its type is not known", "their types are not known"),
    "deleted-resource": ("it may have been deleted", "they may have been deleted"),
    "not-attributed": ("it names no patient", "they name no patient"),
    "same-id-twice": ("another one has the same id", "others have the same ids"),
    "incomplete-data": ("it was not sent", "they were not sent"),
}
"""Why one, and several, were not used, for each code of an issue by which something is."""
NOT_UNDERSTOOD = ("it was not understood", "they were not understood")
"""The same for any other code."""
SAME_OR_NOT = "Whether that is this patient under another reference was not guessed."


def resources_not_used(record: Record) -> Counter[tuple[str, str]]:
    """How many resources were not used, by type and by the code of the issue that says why."""
    return Counter((issue.not_used, issue.code) for issue in record.issues if issue.not_used)


def not_used_data(record: Record) -> list[Json]:
    """The same as JSON data."""
    return [{"type": kind, "reason": why, "count": count} for (kind, why), count in resources_not_used(record).items()]


def not_used_text(record: Record, wording: Wording) -> str:
    """The same as a paragraph of Markdown; empty where everything was used."""
    found = resources_not_used(record)
    if not found:
        return ""
    counted = (wording.remark(_counted(kind, why, count)) for (kind, why), count in found.items())
    text = f"**Not used:** {wording.filled('{}.', wording.series('{}; {}', counted))}"
    other = any(why == "other-patient" for _, why in found)
    return f"{text} {wording.remark(SAME_OR_NOT)}" if other else text


def _counted(kind: str, why: str, count: int) -> str:
    several = count > 1
    words = TYPES_IN_WORDS.get(kind, TYPES_IN_WORDS["Resource"])
    reason = WHY_NOT_USED.get(why, NOT_UNDERSTOOD)
    return f"{count} {words[several]}, because {reason[several]}"
