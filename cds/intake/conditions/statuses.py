"""The clinical and the verification status of a Condition, in the words of FHIR, from any coding and language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cds.intake.conditions.german_certainty import verification_of
from cds.intake.elements import codings, modified, remembered, texts
from cds.intake.terminology.concepts import as_concepts
from cds.intake.terminology.spelling import folded
from cds.jsontypes import Json

AGAIN = frozenset({"recurrence", "relapse"})
ACTIVE = frozenset({"active", *AGAIN})
PAST = frozenset({"inactive", "remission", "resolved"})
CERTAIN = frozenset({"confirmed"})
SUSPECTED = frozenset({"provisional", "differential", "unconfirmed"})
WRONG = frozenset({"refuted", "entered-in-error"})
KNOWN = ACTIVE | PAST | CERTAIN | WRONG | SUSPECTED
"""The codes of clinical and verification status in FHIR R4."""
OTHER_WORDS = {
    "active": """
        55561003 | aktiv | aktive | aktives | aktivt | actif | active | attivo | attiva | activo | activa | actief |
        aktiivinen | chronic | current | ongoing | ongoing problem | open | present | laufend | bestehend | en cours |
        in corso | vigente | lopend | pagaende | 活動 | 活動中 | 活動性 | アクティブ | 有効 | 継続 | 継続中 | 進行中 |
        现患 | 活动 | 活动性 | 活跃 | 有效
    """,
    "recurrence": """
        rezidiv | recidive | recidiva | recidivante | recurrent | 再発 | 复发
    """,
    "inactive": """
        73425007 | inaktiv | inaktive | inactif | inattivo | inattiva | inactivo | inactiva | inactief |
        ei aktiivinen | completed | closed | past | historical | geschlossen | abgeschlossen | beendet | clos |
        cloture | chiuso | cerrado | gesloten | avslutad | avsluttet | afsluttet | 非活動 | 不活动 | 非活动 | 非活跃 |
        终止 | 中止 | 終了 | 停止
    """,
    "remission": """
        in remission | in vollremission | en remission | in remissione | en remision | remissie | remission | 寛解 |
        缓解 | 軽快
    """,
    "resolved": """
        413322009 | cured | healed | geheilt | abgeklungen | ausgeheilt | behoben | gueri | guerie | resolu |
        resolue | guarito | guarita | risolto | risolta | resuelto | resuelta | curado | curada | opgelost |
        hersteld | genezen | lost | helbredt | frisk | parantunut | 治癒 | 治愈 | 已治愈 | 痊愈 | 解決
    """,
    "confirmed": """
        410605003 | 410515003 | gesichert | gesicherte diagnose | bestatigt | confirme | confirmee | confermato |
        confermata | confirmado | confirmada | bevestigd | bekraeftet | bekreftet | bekraftad | varmistettu |
        definite | 確定 | 确诊 | 确定
    """,
    "unconfirmed": """
        415684004 | 410590009 | suspected | possible | probable | working diagnosis | verdacht | verdacht auf |
        verdacht auf / zum ausschluss von | unbestatigt | suspecte | suspectee | suspicion | sospetto | sospetta |
        sospecha | sospechado | presuntivo | verdenking | mistanke | mistanke om | misstankt | epaily | 疑い | 疑似 |
        疑诊
    """,
    "refuted": """
        410516002 | ausgeschlossen | widerlegt | exclu | exclue | refute | refutee | infirme | escluso | esclusa |
        confutato | confutata | descartado | descartada | refutado | refutada | uitgesloten | weerlegd | udelukket |
        afkraeftet | avkreftet | utesluten | ruled out | ruled-out | excluded | negated | 否定 | 除外 | 已排除 | 排除
    """,
    "entered-in-error": """
        entered in error | fehleintrag | irrtumlich | saisi par erreur | erreur de saisie | inserito per errore |
        introducido por error | foutief ingevoerd | 誤記 | 录入错误
    """,
}
"""Other words, and codes of SNOMED CT, for the codes of FHIR R4; the codes as records with C-CDA in them have them."""
_MEANS = {folded(word): code for code, written in OTHER_WORDS.items() for word in written.split("|")}
NO_STATUS: frozenset[str] = frozenset()
UNKNOWN_STATUS = frozenset({""})
"""A status that is on record and has no word that can be read: it is never the same as none."""
SAYS_NOTHING = frozenset({"id", "extension"})
"""What every element of FHIR may hold beside its content."""


def status_of(resource: Json, key: str) -> frozenset[str]:
    """What a status says in the words of FHIR, by its codes and texts; where none is known, all that it says.

    A string, a Coding, a list of concepts, and a coding that is no list are read as the concept that they stand for.
    """
    value = resource.get(key)
    return NO_STATUS if value is None else _said(value)


@remembered
def _said(value: Any) -> frozenset[str]:
    concepts = value if isinstance(value, list) else [value]
    readable = [concept for concept in concepts if isinstance(concept, (str, dict))]
    stated = (word.strip().lower() for concept in as_concepts(readable) for word in _words(concept))
    found = frozenset(word if word in KNOWN else _MEANS.get(folded(word), word) for word in stated if word)
    return found & KNOWN or found or (UNKNOWN_STATUS if any(map(_says_something, concepts)) else frozenset())


def _words(concept: Json) -> Iterable[str]:
    coded = (verification_of(item) or item.get("code") for item in codings(concept))
    return [word for word in (*coded, *texts(concept)) if isinstance(word, str)]


def _says_something(concept: Any) -> bool:
    return bool(concept.keys() - SAYS_NOTHING if isinstance(concept, dict) else concept not in (None, "", False))


def doubt(clinical: frozenset[str], verification: frozenset[str]) -> str:
    """Why the two statuses leave open whether the patient has a condition; empty where they do not."""
    if clinical & ACTIVE and clinical & PAST:
        return "its clinical status says that it is active and that it is over"
    if clinical - ACTIVE - PAST:
        return "its clinical status is not understood"
    if suspected := verification & SUSPECTED:
        return f"it is recorded as {min(suspected)}"
    if verification & WRONG:
        return "its verification status contradicts itself"
    return "its verification status is not understood" if verification - CERTAIN else ""


class Statuses(NamedTuple):
    """The clinical and verification status of a Condition, and whether it has a modifier, which may mean anything."""

    clinical: frozenset[str]
    verification: frozenset[str]
    modified: bool

    @property
    def is_past(self) -> bool:
        """Whether it is said to be over, and not to be active."""
        return bool(self.clinical & PAST) and not self.clinical & ACTIVE

    @property
    def is_wrong(self) -> bool:
        """Whether it is said not to be there, and not to be certain."""
        return bool(self.verification & WRONG) and not self.verification & CERTAIN

    @property
    def may_be_there(self) -> bool:
        """Whether the record leaves it open, or says, that the patient has it now."""
        return self.modified or not (self.is_past or self.is_wrong)


def statuses_of(resource: Json) -> Statuses:
    """The statuses of a Condition."""
    clinical, verification = status_of(resource, "clinicalStatus"), status_of(resource, "verificationStatus")
    return Statuses(clinical, verification, modified(resource))
