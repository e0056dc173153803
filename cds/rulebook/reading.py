"""What a file says in its shape -> the value in memory: every text of one line read; then every name in it checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_origin

from cds.rulebook.declared import (
    LOWER,
    NAME,
    NOT_WRITTEN,
    ONE_OR_MORE,
    PAIRS,
    WORDS,
    Field,
    Known,
    Line,
    Made,
    bare,
    fields_of,
    mark_of,
    one_or_more,
    read_lines,
    several,
)
from cds.rulebook.model import Advice, AnyTerm, Finding, Frozen, NeverClaim, Source, Spot, Tier
from cds.rulebook.report import Where
from cds.rulebook.shape import Shape


def read_entry(entry: Shape, where: Where, **given: Any) -> Any:
    """What is declared, as an entry of a file says it; what cannot be read is noted and left out.

    ``given`` are values that do not follow from the entry alone. What a class knows of all its fields together it says
    by ``checked(where)``.
    """
    return read_as(entry.declares, entry, where, **given)


def read_as(declared: Any, entry: Shape, where: Where, **given: Any) -> Any:
    """The same of an entry that may say more than what is declared."""
    said = (field for field in fields_of(declared) if NOT_WRITTEN not in field.marks and field.name not in given)
    values = {field.name: _field(field, entry, where) for field in said}
    item = declared(**values, **given)
    return item.checked(where) if hasattr(item, "checked") else item


def _field(field: Field, entry: Shape, where: Where) -> Any:
    if field.type is Spot:
        return where.spot
    if NAME in field.marks:
        return where.place[-1]
    if made := field.mark(Made):
        return made.make(entry, where)
    return read_value(field.type, field.marks, getattr(entry, field.name), where.at(field.key))


def read_value(kind: Any, marks: tuple[Any, ...], written: Any, where: Where) -> Any:
    """A value of a type, as it is written at a place."""
    origin, inner = get_origin(kind), get_args(kind)
    line = mark_of(Line, marks)
    if WORDS in marks:
        return _lowered(several(written), marks)
    if PAIRS in marks:
        return tuple(written.items())
    if ONE_OR_MORE in marks and line:
        values = [line.value(text, where) for text in one_or_more(written)]
        return tuple(value for value in values if value is not None)
    if origin in (tuple, frozenset):
        texts = _lowered(written, marks)
        return origin(read_lines(line, texts, where) if line else _listed(inner[0], texts, where))
    if origin is Frozen:
        return Frozen({key: read_value(*bare(inner[1]), part, where.at(key)) for key, part in written.items()})
    if line and not written and NoneType in inner:
        return None
    if line:
        found = line.value(written, where) if written else None
        return line.otherwise if found is None else found
    if isinstance(written, Shape):
        return read_entry(written, where)
    return written.lower() if LOWER in marks else written


def _listed(kind: Any, written: Collection[Any], where: Where) -> list[Any]:
    return [read_value(*bare(kind), part, where.at(index)) for index, part in enumerate(written)]


def _lowered(texts: Any, marks: tuple[Any, ...]) -> Any:
    return tuple(text.lower() for text in texts) if LOWER in marks else texts


def check_names(item: Any, where: Where, names: Mapping[str, Collection[str]]) -> None:
    """Note the names in an entry that nobody defines; ``names`` are the defined ones, by what they are the names of."""
    for field in fields_of(item.__class__):
        value = getattr(item, field.name)
        if known := field.mark(Known):
            _check_known(known, value, nearest_place(where, field.key), names)
        elif isinstance(value, tuple):
            _check_inside(value, nearest_place(where, field.key), names)
        elif isinstance(value, Frozen):
            for key, part in value.items():
                if isinstance(part, tuple):
                    _check_inside(part, where.at(field.key, key), names)


def _check_inside(value: tuple[Any, ...], where: Where, names: Mapping[str, Collection[str]]) -> None:
    if hasattr(value, "_fields"):
        check_names(value, where, names)
        return
    for index, part in enumerate(value):
        if isinstance(part, tuple):
            _check_inside(part, nearest_place(where, index), names)


def _check_known(known: Known, value: Any, where: Where, names: Mapping[str, Collection[str]]) -> None:
    nouns = [noun for noun in known.nouns if noun in names]
    if not nouns:
        return
    defined = names[nouns[0]] if len(nouns) == 1 else {name for noun in nouns for name in names[noun]}
    listed = [(value, where)] if isinstance(value, str) else [(n, nearest_place(where, i)) for i, n in enumerate(value)]
    for name, place in listed:
        if name:
            place.known(name, defined, *known.nouns)


def nearest_place(where: Where, inner: str | int) -> Where:
    """The place of a part of a value, where it has a line of its own; else that of the value."""
    own = where.at(inner)
    return own if own.place in own.page.lines else where


@dataclass(frozen=True)
class Names:
    """Every name that is defined somewhere, with what it stands for."""

    terms: Frozen[str, AnyTerm]
    findings: Mapping[str, Finding]
    advice: Mapping[str, Advice]
    never: Mapping[str, NeverClaim]
    sources: Mapping[str, Source]
    tiers: Mapping[str, Tier]
    outcomes: Collection[str]
    rules: Collection[str]
