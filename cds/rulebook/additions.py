"""What an overlay adds to terms and products of the base."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cds.rulebook import lines
from cds.rulebook.declared import Line, read_lines
from cds.rulebook.model import AnyTerm, Condition, Frozen
from cds.rulebook.model.term import CODE_LINE, WINDOW_LINE
from cds.rulebook.report import Where
from cds.rulebook.shapes.overlay import AdditionShape

UNIT_LINE = Line(lines.unit_line, "Write it like 'g/L / 10'.")


def check_new(shape: Any, coded: Collection[Any], brands: Collection[str], where: Where) -> None:
    """Note the products that are known already."""
    for section in ("products", "substances", "brands"):
        for name in getattr(shape, section):
            code = None if section == "brands" else lines.code_line(name)
            if name in brands if section == "brands" else code and code[:2] in coded:
                what, todo = f"'{name}' is known already.", "Take it out: an overlay only adds products."
                where.at(section, name).problem(what, todo, "duplicate-name")


def extended(term: AnyTerm, shape: AdditionShape, where: Where) -> AnyTerm:
    """A term with what an overlay adds; what the kind of term does not have is noted."""
    has: dict[str, Any] = term._asdict()
    changed: dict[str, Any] = {}
    for field, key, texts in (
        ("codes", "add codes", shape.add_codes),
        ("names", "add names", shape.add_names),
        ("yes", "add codes for yes", shape.add_codes_for_yes),
        ("yes_words", "add words for yes", shape.add_words_for_yes),
        ("no", "add codes for no", shape.add_codes_for_no),
        ("no_words", "add words for no", shape.add_words_for_no),
        ("units", "add units", shape.add_units),
        ("windows", "usable for", shape.usable_for),
    ):
        place = where.at(key)
        if texts and field not in has:
            place.problem(f"'{term.name}' has no {key.removeprefix('add ')}.", "Take this out.", "wrong-value")
        elif texts:
            changed[field] = _ADDED[field](texts, has[field], place)
    found = term._replace(**changed)
    if changed and isinstance(found, Condition):
        return found.checked(where)
    return found


def _codes(texts: list[str], own: Any, where: Where) -> Any:
    codes = read_lines(CODE_LINE, texts, where)
    for index, code in enumerate(codes):
        if code[:2] in {other[:2] for other in (*own, *codes[:index])}:
            where.at(index).problem(f"'{code.code}' stands there already.", "Take it out.", "duplicate-name")
    return (*own, *codes)


def _names(texts: list[str], own: Any, where: Where) -> Any:
    for index, name in enumerate(texts):
        if name in (*own, *texts[:index]):
            where.at(index).problem(f"'{name}' stands there already.", "Take it out.", "duplicate-name")
    return (*own, *texts)


def _units(texts: list[str], own: Any, where: Where) -> Any:
    pairs = read_lines(UNIT_LINE, texts, where)
    for unit in {unit for unit, _ in pairs} & own.keys():
        where.problem(f"'{unit}' stands there already.", "Take it out.", "duplicate-name")
    return Frozen({**own, **dict(pairs)})


def _windows(texts: list[str], _: Any, where: Where) -> Any:
    return read_lines(WINDOW_LINE, texts, where)


_ADDED = {
    "codes": _codes,
    "names": _names,
    "units": _units,
    "windows": _windows,
    "yes": _codes,
    "yes_words": _names,
    "no": _codes,
    "no_words": _names,
}
