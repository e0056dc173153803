"""Elements of plain resources: checks that say of a value whether it is surely valid FHIR R4.

The rules are those of the specification (http://hl7.org/fhir/R4/datatypes.html); what a check does not know is
not plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cds.intake.elements import Memory, json_key

Check: TypeAlias = Callable[[Any], object]
"""Something true where an element is plain; something false, or one of ``UNREADABLE``, where it is not."""
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_CODE = re.compile(r"\S+(?: \S+)*")
_FULL = r"(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_DAY = rf"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?|{_FULL}"
_DATE = re.compile(_DAY, re.ASCII)
_TIME = r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
_DATE_TIME = re.compile(rf"{_FULL}{_TIME}|{_DAY}", re.ASCII)
_INSTANT = re.compile(rf"{_FULL}{_TIME}", re.ASCII)


def matches(pattern: re.Pattern[str]) -> Check:
    """The check of a text that has a form as a whole."""
    return pattern.fullmatch


def string(value: Any) -> bool:
    """Whether it is a text that is not empty."""
    return isinstance(value, str) and value.strip() != ""


def number(value: Any) -> bool:
    """Whether it is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def count(value: Any) -> bool:
    """Whether it is a positiveInt of FHIR."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def flag(value: Any) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def list_(check: Check) -> Check:
    """The check of a list that has something in it, all of which passes another check."""
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def element(**parts: Check) -> Check:
    """An element with some of the parts, and nothing else."""
    return resource((), parts)


def resource(needs: tuple[str, ...], common: Mapping[str, Check], **own: Check) -> Check:
    """A resource with some of the parts, and all that it needs; anything else in it is not plain."""
    parts, needed = {**common, **own}, frozenset(needs)

    def check(value: Any) -> bool:
        for key, item in value.items():
            if not parts[key](item):
                return False
        return bool(value) and needed.issubset(value)

    return check


def once(check: Check) -> Check:
    """The check of an element that records say again and again, remembered by what the element says."""
    memory: Memory[object] = Memory()

    def ask(value: Any) -> object:
        try:
            key = json_key(value)
        except TypeError:
            return check(value)
        return memory.get(key, check, value)

    return ask


def one_of(check: Check, *choices: set[str]) -> Check:
    """The check of a resource with at most one form of each element that has a choice of types."""
    return lambda value: check(value) and all(len(value.keys() & forms) < 2 for forms in choices)


id_, code, date, date_time, instant = map(matches, (_ID, _CODE, _DATE, _DATE_TIME, _INSTANT))
coding = element(system=code, code=code, display=string, version=string)
concept = once(element(coding=list_(coding), text=string))
concepts = once(list_(concept))
reference = element(reference=code, display=string, type=code)
quantity = element(value=number, unit=string, system=code, code=code, comparator=matches(re.compile("[<>]=?")))
period = element(start=date_time, end=date_time)
range_ = element(low=quantity, high=quantity)
_VALUES: Mapping[str, Check] = {
    "valueString": string,
    "valueCode": code,
    "valueUri": code,
    "valueBoolean": flag,
    "valueDecimal": number,
    "valueDate": date,
    "valueDateTime": date_time,
    "valueCoding": coding,
    "valueCodeableConcept": concept,
    "valueReference": reference,
    "valuePeriod": period,
}


def extension(depth: int, **values: Check) -> Check:
    """An extension with one value, or with others inside it, so many deep."""
    inside: dict[str, Check] = {"extension": list_(extension(depth - 1))} if depth > 1 else {}
    check = resource(("url",), {"url": code, **_VALUES, **inside}, **values)
    return lambda value: check(value) and len(value) == 2


extensions = list_(extension(2))
text = resource(("status", "div"), {"status": code, "div": string})
meta = element(profile=list_(code), versionId=id_, lastUpdated=instant, tag=once(list_(coding)), source=code)
repeat = element(
    frequency=count,
    frequencyMax=count,
    period=number,
    periodUnit=code,
    when=list_(code),
    boundsPeriod=period,
    dayOfWeek=list_(code),
)
dosage = element(
    text=string,
    additionalInstruction=concepts,
    patientInstruction=string,
    timing=element(repeat=repeat, code=concept),
    route=concept,
    asNeededBoolean=flag,
    sequence=count,
    doseAndRate=list_(element(type=concept, doseQuantity=quantity, doseRange=range_)),
)
limits = element(low=quantity, high=quantity, text=string, type=concept, appliesTo=list_(concept))
name = element(use=code, text=string, family=string, given=list_(string), prefix=list_(string))
identifier = element(use=code, type=concept, system=code, value=string)
contact = element(system=code, value=string, use=code)
address = element(
    extension=extensions,
    use=code,
    type=code,
    text=string,
    line=list_(string),
    city=string,
    district=string,
    state=string,
    postalCode=string,
    country=string,
)
note = one_of(
    resource(("text",), {}, text=string, time=date_time, authorString=string, authorReference=reference),
    {"authorString", "authorReference"},
)


def some_of(check: Check, *choices: set[str]) -> Check:
    """The check of a resource with exactly one form of each element that has a choice of types and has to be there."""
    return lambda value: check(value) and all(len(value.keys() & forms) == 1 for forms in choices)
