"""Conditions of relatives, which some records keep among those of the patient: their category says so."""

from __future__ import annotations

from cds.intake.elements import codings, listed, texts
from cds.intake.terminology.spelling import folded
from cds.jsontypes import Json

FAMILY_HISTORY = frozenset({
    "family-history", "family history", "familyhistory", "10157-6", "57177007", "416471007",
    "familienanamnese", "antecedents familiaux", "anamnesi familiare", "antecedentes familiares", "historia familiar",
    "historico familiar", "familieanamnese", "familiegeschiedenis", "familieanamnesen", "hereditet", "arftlighet",
    "sukuanamneesi", "wywiad rodzinny", "rodinna anamneza", "家族歴", "家族史", "가족력",
    "family history of disease",
})  # fmt: skip
"""Codes (LOINC, SNOMED CT) and names of the category of what relatives have."""


def is_of_the_family(resource: Json) -> bool:
    """Whether the category of a Condition says that a relative has it."""
    concepts = listed(resource.get("category")) if "category" in resource else ()
    return any(
        str(coding.get("code")).lower() in FAMILY_HISTORY for concept in concepts for coding in codings(concept)
    ) or any(folded(text) in FAMILY_HISTORY for concept in concepts for text in texts(concept))
