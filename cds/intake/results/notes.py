"""Whether the note of a result says that its specimen was spoiled, or that its value cannot be relied on.

The words are those with which laboratories of many countries comment on any test. A clause that denies it, or calls it
slight, does not say it: then the laboratory let the value stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.intake.elements import objects
from cds.intake.terminology.denials import TAKEN_BACK
from cds.jsontypes import Json

_SPOILED = r"""
    contamin[aée]\w* | kontamin\w+ | verunreinigt\w* | verontreinigd\w* | zanieczyszcz\w+ |
    [zg]?e?(?:h(?:ae|e|æ|ä|é)|e)m[oó]l[yiíý]\w+ |
    clotted | geronnen\w* | coagul(?:ated|é\w*|ato|ata|ad[oa])\b | gestold\w* | koagulera\w* |
    wrong (?:tube|container|specimen|sample) | mislabel+ed | mixed up | verwechs\w+ | probenverwechslung |
    (?:sample|specimen) (?:\w+ ){0,2}(?:unsuitable|invalid|compromised|spoiled|damaged|rejected|too old|mix up) |
    (?:unsuitable|unsatisfactory|inadequate|insufficient|poor|damaged) (?:sample|specimen) |
    spurious\w* | artefact\w* | artifact\w* | fehlmessung\w* | unbrauchbar\w* | unverwertbar\w* |
    (?:value|result|test)s? (?:\w+ ){0,2}(?:unreliable|invalid|unusable) |
    (?:value|result|test)s? (?:\w+ ){0,2}not (?:reliable|valid|usable|interpretable) |
    (?:not|cannot|can not) be (?:used|interpreted|relied on|reported) | do not use | disregard |
    (?:nicht|kaum) (?:verwertbar|beurteilbar|interpretierbar|auswertbar|verwendbar|plausibel) |
    inexploitable\w* | ininterprétable\w* | non (?:interpr[ée]tab|exploitab|utilizzabi|valutabi|attendibi)\w+ |
    non (?:valide|valido|conforme) |
    no (?:valorable|válid[oa]|interpretable|fiable|utilizable) |
    não (?:valorizável|confiável|válido|interpretável) |
    niet (?:bruikbaar|betrouwbaar|beoordeelbaar|interpreteerbaar|valide) | onbetrouwbaar | onbruikbaar |
    (?:ej|inte) bedömbar\w* | ikke (?:bedømbar|egnet|brugbar|brukbar|vurderbar)\w* | uegnet\w* |
    niewiarygodn\w+ | nepoužiteln\w+ | znehodnocen\w+ | poškozen\w* | epäluotettav\w+
"""
"""What says so where words have spaces between them, as parts of a pattern."""
_UNSPACED = "溶血|検体不良|検体凝固|混入|判定不能|污染|凝血|不可用|无效|용혈|오염|응고"
_WORDS = "|".join(rf"(?<!\w)(?:{' '.join(part.split())})" for part in _SPOILED.split(" |"))
SPOILED = re.compile(f"{_WORDS}|{_UNSPACED}", re.IGNORECASE)
SLIGHT = re.compile(
    r"\b(?:slight|slightly|mild|mildly|minimal|minimally|trace|weak|leicht\w*|gering\w*|schwach\w*|légère?\w*|"
    r"lieve\w*|leve\w*|ligera\w*|licht\w*|lätt\w*|let|svag\w*|lekk\w*|lehk\w*|mírn\w*)\W+(?:\w+\W+)?$|[微輕轻軽弱]度?$|"
    r"\b(?:pas|absence) d['’]$",
    re.IGNORECASE,
)
"""What before the word says that it is slight, or that there is none of it where the two are written together."""
NONE_BEHIND = re.compile(
    r"\W*(?:ind\w+|grad\w*|status)?\W*(?:is\W+)?"
    r"(?:0\b|none|nil|n[eé]g\w*|absent\w*|normal\w*|not\b|no\b|nein|kein\w*|なし|無|无)|\s*[(（][-−][)）]",
    re.IGNORECASE,
)
"""What behind the word says that there is none of it: ``Hemolysis: none``."""
_CLAUSE_END = re.compile(r"[.;\n。；]|\bbut\b", re.IGNORECASE)
COMMENTS = ("comment", "comments")
"""The elements of a note in STU3 and DSTU2."""
LONGEST = 4000


def note_spoils(resource: Json) -> bool:
    """Whether a note says that the result cannot be relied on."""
    return any(_says(clause) for text in _notes(resource) for clause in _CLAUSE_END.split(text[:LONGEST]))


def _notes(resource: Json) -> Iterator[str]:
    found = [note.get("text") for note in objects(resource.get("note"))] + [resource.get(key) for key in COMMENTS]
    return (text for text in found if isinstance(text, str))


def _says(clause: str) -> bool:
    for match in SPOILED.finditer(clause):
        before, behind = clause[: match.start()], clause[match.end() :]
        if not (TAKEN_BACK.search(before) or SLIGHT.search(before) or NONE_BEHIND.match(behind)):
            return True
    return False
