"""The shape of a rule file: which keys it has, with which kind of text; made of what is declared.

These models check the form only; what a text says is read, and names are checked, by ``cds.rulebook.reading``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, ForwardRef, TypeVar, Union, cast, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, create_model
from pydantic import Field as Setting

from cds.rulebook.declared import (
    INLINE,
    MAY_BE_EMPTY,
    ONE_OR_MORE,
    OTHERS,
    PAIRS,
    SOME,
    STATED,
    WORDS,
    Field,
    Line,
    Made,
    More,
    Text,
    Written,
    bare,
    fields_of,
    is_declared,
    mark_of,
)
from cds.rulebook.misshapen import misshapen
from cds.rulebook.misshapen_words import FORMS, real
from cds.rulebook.model.frozen import Frozen
from cds.rulebook.report import Report
from cds.rulebook.yaml_text import Page


class Shape(BaseModel):
    """A mapping of a rule file; keys are written with spaces. ``declares`` is what it is the shape of."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, alias_generator=lambda name: name.replace("_", " ")
    )
    declares: ClassVar[type] = object


class OpenShape(Shape):
    """A mapping of a rule file that may also have keys that nobody can list beforehand, each with a text."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str] = Setting(init=False)


_being_made: list[Any] = []
"""What shapes are being made of: one that holds itself names itself there."""
_MADE: dict[str, type[Shape]] = {}
"""The shapes that were made, by the names that messages of the schema library have for them."""


@lru_cache(maxsize=256)
def shape_of(declared: Any) -> type[Shape]:
    """The shape in which a file writes what is declared."""
    if not is_declared(declared):
        return cast(type[Shape], declared)
    _being_made.append(declared)
    fields = dict(_fields(declared))
    base = OpenShape if any(OTHERS in field.marks for field in fields_of(declared)) else Shape
    made: type[Shape] = create_model(declared.__name__, __base__=base, __doc__=declared.__doc__, **fields)
    made.declares = declared
    _MADE[declared.__name__] = made
    _being_made.pop()
    return made


def _fields(declared: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a shape by their names, each with its type and its setting."""
    for field in fields_of(declared):
        if INLINE in field.marks:
            yield from _fields(field.type)
        elif found := field.mark(Written):
            for key, kind in found.keys.items():
                yield key.replace(" ", "_"), (kind, Setting(_nothing(kind), alias=key))
        elif field.is_written:
            default = ... if field.required else _default(field)
            marks = (*field.marks, *([STATED] if _is_prose(field) else []))
            yield field.name, (_written(field.type, marks), Setting(default, alias=field.key))


def _is_prose(field: Field) -> bool:
    """Whether the file has to say something in words of its own: nothing, or yes, is no such text."""
    of_its_own = not field.mark(Text) and not field.mark(Line) and MAY_BE_EMPTY not in field.marks
    return field.required and field.type is str and of_its_own


def _nothing(kind: Any) -> Any:
    """What stands where the file says nothing: no text, no list, no mapping."""
    return "" if kind is str else {} if get_origin(kind) is dict else []


def _default(field: Field) -> Any:
    """What stands where the file says nothing: no text, no list, or the value itself."""
    if field.mark(Line) and get_origin(field.type) is not tuple:
        return ""
    kind = get_origin(field.type) or field.type
    if kind in (tuple, frozenset):
        return {} if PAIRS in field.marks else []
    return {} if kind is Frozen else field.default


def _written(kind: Any, marks: tuple[Any, ...] = ()) -> Any:
    """The type of a value as the file writes it."""
    made = mark_of(Made, marks)
    plain = _of(made.written) if made else _plain(kind, marks)
    settings: list[Any] = [Setting(min_length=1)] if SOME in marks else []
    for text in (mark for mark in marks if isinstance(mark, Text)):
        FORMS.setdefault(text.pattern or "", text)
        settings += [Setting(pattern=text.pattern, min_length=text.at_least)]
        settings += [AfterValidator(real(text))] if text.real else []
    settings += [Setting(gt=mark.than) for mark in marks if isinstance(mark, More)]
    return reduce(lambda written, setting: Annotated[written, setting], settings, plain)


def _plain(kind: Any, marks: tuple[Any, ...]) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if WORDS in marks or ONE_OR_MORE in marks:
        return str | list[str]
    if PAIRS in marks:
        return dict[str, str]
    if origin in (tuple, frozenset):
        return list[str] if mark_of(Line, marks) else list[_of(inner[0])]  # type: ignore[misc]
    if origin is Frozen:
        return dict[_of(inner[0]), _of(inner[1])]  # type: ignore[misc]
    if mark_of(Line, marks):
        return str
    if origin in (Union, UnionType):
        return _choice([part for part in inner if part is not NoneType], optional=NoneType in inner)
    return ForwardRef(kind.__name__) if kind in _being_made else shape_of(kind)


def _of(hint: Any) -> Any:
    return _written(*bare(hint))


def _choice(kinds: list[Any], *, optional: bool) -> Any:
    parts = [*map(_of, kinds), *([None] if optional else [])]
    union = reduce(or_, parts)
    told_apart = len(kinds) > 1 and all(is_declared(kind) for kind in kinds)
    return Annotated[union, Setting(discriminator="kind")] if told_apart else union


def empty(shape: type[Shape]) -> Any:
    """Nothing in a shape: what stands in for a file that could not be read."""
    needed = {name: field.annotation for name, field in shape.model_fields.items() if field.is_required()}
    nothing: dict[str, Any] = {name: (get_origin(kind) or kind or str)() for name, kind in needed.items()}
    return shape.model_construct(None, **nothing)


S = TypeVar("S", bound=Shape)


def shaped(page: Page, shape: type[S], report: Report) -> S | None:
    """The page in its shape; None, with the problems reported, when it has not that shape."""
    try:
        return shape.model_validate(page.data)
    except ValidationError as error:
        for place, said in misshapen(error.errors(include_url=False), page, _keys(shape), keys_of):
            problem = page.problem(place, *said)
            report.problems.append(problem._replace(line=page.begins.get(place, problem.line)))
        return None


def keys_of(name: str) -> list[str]:
    """The keys of the shape of a name, as far as such a shape was made."""
    return [field.alias or key for key, field in _MADE[name].model_fields.items()] if name in _MADE else []


def _keys(shape: type[Shape]) -> set[str]:
    """Every key of a kind of file, at any depth."""
    whole = shape.model_json_schema(by_alias=True)
    return {key for part in (whole, *whole.get("$defs", {}).values()) for key in part.get("properties", {})}
