"""Doses and times in other forms and other languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rewriting.register import MEDICINES, Json, each

WORDS = {
    "dose_unit_tablets": ("tablets", "capsules"),
    "dose_unit_tab_s": ("tab(s)", "cap(s)"),
    "dose_unit_tab": ("tab", "cap"),
    "dose_unit_in_capitals": ("TABLET", "CAPSULE"),
    "dose_unit_in_german": ("Tablette", "Kapsel"),
    "dose_unit_in_german_plural": ("Tabletten", "Kapseln"),
    "dose_unit_in_german_short": ("Tbl.", "Kps."),
    "dose_unit_stueck": ("Stück", "Stück"),
    "dose_unit_in_french": ("comprimé", "gélule"),
    "dose_unit_in_french_short": ("cp", "gél"),
    "dose_unit_in_spanish": ("comprimido", "cápsula"),
    "dose_unit_in_italian": ("compressa", "capsula"),
    "dose_unit_in_dutch": ("tablet", "capsule"),
    "dose_unit_in_swedish": ("tablett", "kapsel"),
    "dose_unit_in_finnish": ("tabletti", "kapseli"),
    "dose_unit_in_chinese": ("片", "粒"),
    "dose_unit_in_japanese": ("錠", "カプセル"),
}
"""What a tablet and a capsule are called, as a unit without a code."""
EVERY_DAY = {1: "QD", 2: "BID", 3: "TID", 4: "QID"}
CLOCK = {1: ["08:00:00"], 2: ["08:00:00", "20:00:00"], 3: ["08:00:00", "13:00:00", "20:00:00"]}
MEALS = {1: ["MORN"], 2: ["MORN", "EVE"], 3: ["MORN", "NOON", "EVE"]}
TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}
DAY = {1: "1-0-0", 2: "1-0-1", 3: "1-1-1"}


def dosages(resource: Json) -> list[Json]:
    """The dosages of a medicine."""
    listed = resource.get("dosage", resource.get("dosageInstruction", []))
    return [item for item in listed if isinstance(item, dict)]


def doses(resource: Json) -> Iterator[Json]:
    """The amounts of its intakes."""
    for dosage in dosages(resource):
        for item in dosage.get("doseAndRate", []):
            if isinstance(item.get("doseQuantity"), dict):
                yield item["doseQuantity"]


def times_a_day(dosage: Json) -> int:
    """How many times a day, where nothing else is said of the time; else none."""
    timing = dosage.get("timing", {})
    if timing.keys() != {"repeat"} or timing["repeat"].keys() != {"frequency", "period", "periodUnit"}:
        return 0
    repeat = timing["repeat"]
    return int(repeat["frequency"]) if (repeat["period"], repeat["periodUnit"]) == (1, "d") else 0


def units_a_time(dosage: Json) -> str:
    """``1 tablet``, where a dose is that and nothing else is said; else nothing."""
    found = dosage.get("doseAndRate", [])
    if len(found) != 1 or found[0].keys() != {"doseQuantity"}:
        return ""
    amount = found[0]["doseQuantity"]
    word = {"{tablet}": "tablet", "{capsule}": "capsule"}.get(amount.get("code", ""), "")
    return f"{amount['value']:g} {word}" if word and "value" in amount and "comparator" not in amount else ""


def _unit_in_words(tablet: str, capsule: str) -> Callable[[Json], bool]:
    words = {"{tablet}": tablet, "{capsule}": capsule}

    def apply(resource: Json) -> bool:
        found = [item for item in doses(resource) if item.get("code") in words]
        for item in found:
            item["unit"] = words[item.pop("code")]
            item.pop("system", None)
        return bool(found)

    return apply


for _name, _words in WORDS.items():
    _function = _unit_in_words(*_words)
    _function.__name__ = _name
    each(*MEDICINES)(_function)


@each(*MEDICINES)
def dose_unit_by_snomed(resource: Json) -> bool:
    """Tablets and capsules as SNOMED CT units of presentation."""
    codes = {"{tablet}": ("732936001", "Tablet"), "{capsule}": ("732937005", "Capsule")}
    found = [item for item in doses(resource) if item.get("code") in codes]
    for item in found:
        code, unit = codes[item["code"]]
        item.update(system="http://snomed.info/sct", code=code, unit=unit)
    return bool(found)


@each(*MEDICINES)
def dose_unit_by_hl7(resource: Json) -> bool:
    """Tablets and capsules as HL7 dose forms."""
    codes = {"{tablet}": "TAB", "{capsule}": "CAP"}
    found = [item for item in doses(resource) if item.get("code") in codes]
    for item in found:
        item.update(system="http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm", code=codes[item["code"]])
    return bool(found)


def _timed(change: Callable[[Json, int], Json | None]) -> Callable[[Json], bool]:
    """Another way to say how many times a day: the new timing from the dosage and the number."""

    def apply(resource: Json) -> bool:
        changed = False
        for dosage in dosages(resource):
            number = times_a_day(dosage)
            timing = change(dosage, number) if number else None
            if timing is not None:
                dosage["timing"], changed = timing, True
        return changed

    return apply


def _repeat(**parts: object) -> Json:
    return {"repeat": parts}


TIMINGS: dict[str, Callable[[Json, int], Json | None]] = {
    "every_so_many_hours": lambda _, n: _repeat(frequency=1, period=24 // n, periodUnit="h") if 24 % n == 0 else None,
    "so_many_times_in_24_hours": lambda _, n: _repeat(frequency=n, period=24, periodUnit="h"),
    "so_many_times_a_week": lambda _, n: _repeat(frequency=7 * n, period=1, periodUnit="wk"),
    "so_many_times_in_seven_days": lambda _, n: _repeat(frequency=7 * n, period=7, periodUnit="d"),
    "clock_times": lambda _, n: _repeat(timeOfDay=CLOCK[n]) if n in CLOCK else None,
    "clock_times_beside_the_frequency": lambda _, n: (
        _repeat(frequency=n, period=1, periodUnit="d", timeOfDay=CLOCK[n]) if n in CLOCK else None
    ),
    "times_of_the_day": lambda _, n: _repeat(when=MEALS[n]) if n in MEALS else None,
    "timing_by_code": lambda _, n: (
        {"code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
                              "code": EVERY_DAY[n]}]}} if n in EVERY_DAY else None
    ),
    "timing_by_code_and_frequency": lambda _, n: (
        {"repeat": {"frequency": n, "period": 1, "periodUnit": "d"}, "code": {"text": EVERY_DAY[n]}}
        if n in EVERY_DAY else None
    ),
    "timing_by_text": lambda _, n: {"code": {"text": f"{TIMES[n]} daily"}} if n in TIMES else None,
    "frequency_with_its_maximum": lambda _, n: _repeat(frequency=n, frequencyMax=n, period=1, periodUnit="d"),
    "period_with_its_maximum": lambda _, n: _repeat(frequency=n, period=1, periodMax=1, periodUnit="d"),
    "period_with_a_decimal": lambda _, n: _repeat(frequency=n, period=1.0, periodUnit="d"),
}  # fmt: skip
for _name, _change in TIMINGS.items():
    _function = _timed(_change)
    _function.__name__ = _name
    each(*MEDICINES)(_function)


def _said(text: Callable[[str, int], str | None], *, alone: bool) -> Callable[[Json], bool]:
    """A dosage in words, beside its parts or alone."""

    def apply(resource: Json) -> bool:
        changed = False
        for dosage in dosages(resource):
            amount, number = units_a_time(dosage), times_a_day(dosage)
            said = text(amount, number) if amount and number and "text" not in dosage else None
            if said:
                if alone:
                    dosage.clear()
                dosage["text"], changed = said, True
        return changed

    return apply


def _english(amount: str, number: int) -> str | None:
    return (
        f"Take {amount}{'' if amount.startswith('1 ') else 's'} by mouth {TIMES[number]} daily"
        if number in TIMES
        else None
    )


def _abbreviated(amount: str, number: int) -> str | None:
    code = {1: "QD", 2: "BID", 3: "TID", 4: "QID"}.get(number)
    return f"{amount.replace('tablet', 'tab').replace('capsule', 'cap')} PO {code}" if code else None


def _german(amount: str, number: int) -> str | None:
    return DAY.get(number) if amount == "1 tablet" else None


SIGS: dict[str, tuple[Callable[[str, int], str | None], bool]] = {
    "sig_in_english_beside_the_parts": (_english, False),
    "sig_in_english_alone": (_english, True),
    "sig_abbreviated_alone": (_abbreviated, True),
    "sig_in_german_beside_the_parts": (_german, False),
    "sig_in_german_alone": (_german, True),
}
for _name, (_text, _alone) in SIGS.items():
    _function = _said(_text, alone=_alone)
    _function.__name__ = _name
    each(*MEDICINES)(_function)


@each(*MEDICINES)
def dose_as_a_range_of_one(resource: Json) -> bool:
    """A dose as a range with equal ends."""
    changed = False
    for dosage in dosages(resource):
        for item in dosage.get("doseAndRate", []):
            if isinstance(item.get("doseQuantity"), dict) and "comparator" not in item["doseQuantity"]:
                amount = item.pop("doseQuantity")
                item["doseRange"], changed = {"low": amount, "high": dict(amount)}, True
    return changed


@each(*MEDICINES)
def dose_as_ordered(resource: Json) -> bool:
    """A dose says that it was ordered, not calculated."""
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/dose-rate-type", "code": "ordered"}]}
    found = [item for dosage in dosages(resource) for item in dosage.get("doseAndRate", [])]
    for item in found:
        item["type"] = kind
    return bool(found)


@each(*MEDICINES)
def one_dosage_for_each_time(resource: Json) -> bool:
    """Morning and evening as dosages of their own."""
    key = "dosage" if "dosage" in resource else "dosageInstruction"
    found = dosages(resource)
    number = times_a_day(found[0]) if len(found) == 1 and "text" not in found[0] else 0
    if number not in (2, 3):
        return False
    resource[key] = [
        {**found[0], "sequence": 1, "timing": _repeat(frequency=1, period=1, periodUnit="d", when=[when])}
        for when in MEALS[number]
    ]
    return True


@each(*MEDICINES)
def not_as_needed(resource: Json) -> bool:
    """The dosage says that it is not as needed."""
    found = [item for item in dosages(resource) if not any(key.startswith("asNeeded") for key in item)]
    for item in found:
        item["asNeededBoolean"] = False
    return bool(found)


@each(*MEDICINES)
def sequence_of_one(resource: Json) -> bool:
    """The only dosage says that it is the first."""
    found = dosages(resource)
    if len(found) != 1:
        return False
    found[0]["sequence"] = 1
    return True


@each(*MEDICINES)
def patient_instruction(resource: Json) -> bool:
    """The dosage has an instruction for the patient."""
    for item in dosages(resource):
        item["patientInstruction"] = "Swallow with a glass of water."
    return bool(dosages(resource))


TABLETS = ("tablet", "capsule", "chewable")


def _by_mouth(route: Json) -> Callable[[Json], bool]:
    def apply(resource: Json) -> bool:
        concept = resource.get("medicationCodeableConcept", {})
        names = f"{concept.get('text')} {[item.get('display') for item in concept.get('coding', [])]}".lower()
        found = [item for item in dosages(resource) if "route" not in item and units_a_time(item)]
        if not any(word in names for word in TABLETS):
            return False
        for item in found:
            item["route"] = route
        return bool(found)

    return apply


for _name, _route in {
    "by_mouth_by_snomed": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]},
    "by_mouth_in_words": {"text": "by mouth"},
    "by_mouth_in_german": {"text": "oral"},
    "by_mouth_in_french": {"text": "voie orale"},
    "by_mouth_by_edqm": {
        "coding": [{"system": "http://standardterms.edqm.eu", "code": "20053000", "display": "Oral use"}]
    },
}.items():
    _function = _by_mouth(_route)
    _function.__name__ = _name
    each(*MEDICINES)(_function)
