"""Conditions that say that there is none, or that nobody knows of any: codes and whole texts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from cds.code_systems import SNOMED
from cds.intake.conditions.condition_names import name_key
from cds.intake.conditions.contexts import cues


class Absence(Enum):
    """Whether an entry of a list of conditions stands there instead of one."""

    NONE_KNOWN = "no condition is known"
    NOT_KNOWN = "nothing is known about conditions"


IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
CODES = {
    (IPS, "no-known-problems"): Absence.NONE_KNOWN,
    (SNOMED, "160245001"): Absence.NONE_KNOWN,
    (IPS, "no-problem-info"): Absence.NOT_KNOWN,
}
"""The codes of the International Patient Summary, and of SNOMED CT for the same."""
TEXTS = {
    Absence.NONE_KNOWN: """
        no known problems | no known problem | no known conditions | no current problems | no active problems |
        no problems | no known medical problems | no current problems or disability | no problems known |
        no known chronic conditions | no significant past medical history | no past medical history |
        nil significant | nil of note | none | none known | nil | nil known | healthy | no known diseases |
        no chronic diseases | no significant medical history | keine | keine bekannt | keine vorerkrankungen |
        keine bekannten vorerkrankungen | keine bekannten probleme | keine diagnosen | aucun | aucune |
        aucun antecedent | aucun probleme connu | pas d' antecedent | pas d' antecedents | ras | nessuna |
        nessun problema noto | nessuna patologia nota | ninguno | ninguna | sin antecedentes |
        sin antecedentes de interes | sin problemas conocidos | geen | geen bijzonderheden | geen bekende problemen |
        ingen | ingen kjente | ingen kendte | inga kanda | inga | ei mitaan | ei tiedossa olevia sairauksia | 无 |
        无特殊 | 既往体健 | 体健 | なし | 特になし | 既往なし | 特記事項なし
    """,
    Absence.NOT_KNOWN: """
        no information about problems | no information | no information available | not asked | unable to obtain |
        keine angaben | keine angabe | keine information | pas d' information | non renseigne | nessuna informazione |
        sin informacion | geen informatie | ingen informasjon | ingen information | 情報なし | 无信息
    """,
}
"""The whole texts that say the same."""
_BY_TEXT = {name_key(text): absence for absence, written in TEXTS.items() for text in cues(written)}


def absence_in(codes: Iterable[tuple[object, object]], texts: Iterable[str]) -> Absence | None:
    """What codes and texts say there is none of; None where they name a condition."""
    found = [CODES[code] for code in codes if code in CODES]
    said = [_BY_TEXT.get(name_key(text).strip(" .-()")) for text in texts]
    found += [absence for absence in said if absence is not None] if all(said) else []
    return Absence.NOT_KNOWN if Absence.NOT_KNOWN in found else found[0] if found else None
