"""Results in other units, and units in other spellings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from rewriting.register import UCUM, Json, codings_of, each

CALCIUM = frozenset("17861-6 2000-8 49765-1 29265-6 1995-0 1994-3 12180-6 13959-2".split())
CREATININE = frozenset("2160-0 38483-4 14682-9".split())
VITAMIN_D = frozenset("62292-8 1989-3 49498-9 35365-6 60493-4".split())
PTH = frozenset({"2731-8", "14866-8"})
PHOSPHATE = frozenset({"2777-1", "14879-1", "24519-1"})
MAGNESIUM = frozenset({"19123-9", "2601-3", "21377-7"})
ALBUMIN = frozenset({"1751-7", "61151-7", "61152-5"})


def quantities(resource: Json) -> Iterator[Json]:
    """The value of a result, the values of its parts, and the limits of its ranges."""
    for part in (resource, *resource.get("component", [])):
        if isinstance(part.get("valueQuantity"), dict):
            yield part["valueQuantity"]
        for limits in part.get("referenceRange", []):
            yield from (limits[end] for end in ("low", "high") if isinstance(limits.get(end), dict))


def converted(codes: frozenset[str], old: str, new: str, factor: str) -> Callable[[Json], bool]:
    """A result of these LOINC codes from one unit to another: the number times the factor."""

    def apply(resource: Json) -> bool:
        if not any(coding.get("code") in codes for coding in codings_of(resource)):
            return False
        listed = list(quantities(resource))
        if not listed or any(item.get("code") != old or not _is_number(item) for item in listed):
            return False
        for item in listed:
            number = float(Fraction(str(item["value"])) * Fraction(factor))
            item.update(value=number, unit=new, code=new, system=UCUM)
        return True

    return apply


def _is_number(item: Json) -> bool:
    return isinstance(item.get("value"), (int, float)) and not isinstance(item.get("value"), bool)


CONVERSIONS = {
    "calcium_from_mg_per_dl_to_mmol_per_l": (CALCIUM, "mg/dL", "mmol/L", "1000/4008"),
    "calcium_from_mmol_per_l_to_mg_per_dl": (CALCIUM, "mmol/L", "mg/dL", "4008/1000"),
    "creatinine_from_mg_per_dl_to_umol_per_l": (CREATININE, "mg/dL", "umol/L", "884/10"),
    "creatinine_from_umol_per_l_to_mg_per_dl": (CREATININE, "umol/L", "mg/dL", "10/884"),
    "vitamin_d_from_ng_per_ml_to_nmol_per_l": (VITAMIN_D, "ng/mL", "nmol/L", "2496/1000"),
    "vitamin_d_from_nmol_per_l_to_ng_per_ml": (VITAMIN_D, "nmol/L", "ng/mL", "1000/2496"),
    "vitamin_d_from_ng_per_ml_to_ug_per_l": (VITAMIN_D, "ng/mL", "ug/L", "1"),
    "pth_from_pg_per_ml_to_ng_per_l": (PTH, "pg/mL", "ng/L", "1"),
    "phosphate_from_mg_per_dl_to_mmol_per_l": (PHOSPHATE, "mg/dL", "mmol/L", "1000/3097"),
    "magnesium_from_mg_per_dl_to_mmol_per_l": (MAGNESIUM, "mg/dL", "mmol/L", "1000/2431"),
    "albumin_from_g_per_dl_to_g_per_l": (ALBUMIN, "g/dL", "g/L", "10"),
    "albumin_from_g_per_l_to_g_per_dl": (ALBUMIN, "g/L", "g/dL", "1/10"),
}
"""The factors of the specification (accepted units of each term), by the codes of its value sets."""
for _name, _what in CONVERSIONS.items():
    _function = converted(*_what)
    _function.__name__ = _name
    each("Observation")(_function)

SPELLINGS = {
    "mg/dL": "mg/dl", "mmol/L": "mmol/l", "umol/L": "µmol/l", "nmol/L": "nmol/l", "ng/mL": "ng/ml", "pg/mL": "pg/ml",
    "g/dL": "g/dl", "g/L": "g/l", "mL/min/{1.73_m2}": "ml/min/1,73m²", "{INR}": "INR", "pmol/L": "pmol/l",
}  # fmt: skip


def in_ucum(resource: Json) -> list[Json]:
    """The amounts of a result that have a UCUM unit with code, if all have one."""
    listed = [item for item in quantities(resource) if "value" in item]
    if any(item.get("system") != UCUM or not item.get("code") for item in listed):
        return []
    return listed


@each("Observation")
def unit_text_in_small_letters(resource: Json) -> bool:
    """The text of a unit as laboratories print it; the code stays."""
    found = [item for item in in_ucum(resource) if item["code"] in SPELLINGS]
    for item in found:
        item["unit"] = SPELLINGS[item["code"]]
    return bool(found)


@each("Observation")
def unit_by_text_alone(resource: Json) -> bool:
    """The unit as a text, in UCUM, without system and code."""
    found = in_ucum(resource)
    for item in found:
        item["unit"] = item.pop("code")
        del item["system"]
    return bool(found)


@each("Observation")
def unit_by_printed_text_alone(resource: Json) -> bool:
    """The unit as laboratories print it, without system and code."""
    found = in_ucum(resource)
    if any(item["code"] not in SPELLINGS for item in found):
        return False
    for item in found:
        item["unit"] = SPELLINGS[item.pop("code")]
        del item["system"]
    return bool(found)


@each("Observation")
def unit_by_code_alone(resource: Json) -> bool:
    """The unit by its code, without its text."""
    return sum(bool(item.pop("unit", "")) for item in in_ucum(resource)) > 0


def _ucum_is_called(url: str) -> Callable[[Json], bool]:
    def apply(resource: Json) -> bool:
        found = in_ucum(resource)
        for item in found:
            item["system"] = url
        return bool(found)

    return apply


for _name, _url in {
    "ucum_with_a_slash": "http://unitsofmeasure.org/",
    "ucum_by_https": "https://unitsofmeasure.org",
    "ucum_by_its_site": "https://ucum.org",
    "ucum_by_oid": "urn:oid:2.16.840.1.113883.6.8",
}.items():
    _function = _ucum_is_called(_url)
    _function.__name__ = _name
    each("Observation")(_function)
