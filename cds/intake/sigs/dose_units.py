"""Units of doses: what is counted, and masses and volumes under every name that records give them.

Codes: SNOMED CT units of presentation, units of product usage and dose forms that stand for one piece, and units of
measure; EDQM Standard Terms, units of presentation. A unit text counts beside its code; where the two say different
things, the unit is not known. A code of another system says nothing: then the text counts. The codes were seen in the
examples of guides of Europe, Switzerland, Korea and the US, in the dose units of New Zealand (HL7 NZ, SACT) and in the
units of presentation of EDQM as the UNICOM guide has them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cds.intake.sigs.language import phrases_of
from cds.intake.sigs.tables import LANGUAGES
from cds.intake.sigs.tables.shared import SHARED
from cds.intake.sigs.text import phrase_of
from cds.quantity import unit_key

COUNTED, UNKNOWN = "", "?"
"""The unit of what is counted in dose forms; and one that is not stated, or contradicts itself."""
_COUNTED_CODES = (
    "428673006 732936001 385055001 385054002 385061003 420692007 447079001 385057009 385060002 421026006 "
    "15054000 15012000 15022000"
).split()
_MEASURED_CODES = {
    "258682000": "g",
    "258684004": "mg",
    "258685003": "ug",
    "258718000": "mmol",
    "258773002": "ml",
    "258997004": "[iu]",
}
UNIT_CODES = {**dict.fromkeys(_COUNTED_CODES, COUNTED), **_MEASURED_CODES}
"""Codes of units and what they mean."""
_FORMS = frozenset(
    (
        "tablet tablets tab tabs tbl tbls "
        "capsule capsules cap caps pill pills chew chews chewable gummy gummies softgel "
        "softgels "
        "packet packets sachet sachets wafer wafers lozenge lozenges dose doses ea each 1 unit_dose drop chewtab pce "
        "caplet caplets stuk stuks stück stk tabletti unit dose t c tablette"
    ).split()
)
_USUAL = {**UNIT_CODES, **dict.fromkeys(_FORMS, COUNTED), "mg": "mg", "g": "g", "ug": "ug", "mcg": "ug", "ml": "ml"}
"""What most records have; the words of all languages are looked up for the others."""
_REMARK = re.compile(r"\s*(?:\(.*\)|- unit of .*|dosing unit|dose form)\s*$", re.I)
_TABLES = (SHARED, *(language.table for language in LANGUAGES))


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """All names of dose forms and of units in all languages; one that means two things in two languages is left out."""
    counted = dict.fromkeys((*phrases_of("form", *_TABLES), *map(phrase_of, _FORMS)), COUNTED)
    measured = phrases_of("unit", *_TABLES)
    both = counted.keys() & measured.keys()
    return {word: unit for word, unit in {**measured, **counted}.items() if word not in both}


@lru_cache(maxsize=1024)
def unit_meant(text: str) -> str:
    """What a unit means: '' for dose forms, ``mg``, ``5 ml`` for a spoon; else its UCUM spelling."""
    if (usual := _USUAL.get(text.strip().strip("{}").lower())) is not None:
        return usual
    bare = text.strip().strip("{}[]").strip() if text.strip().startswith("{") else text.strip()
    plain = phrase_of(_REMARK.sub("", bare)).strip(". ")
    if (known := _words().get(plain)) is not None:
        return known
    return unit_key(text)


def is_known(unit: str) -> bool:
    """Whether a meaning comes from a table: it is counted, or a mass or a volume of directions."""
    return unit == COUNTED or unit.rpartition(" ")[2] in {"mg", "g", "ug", "ml", "[iu]", "mmol", "meq"}
