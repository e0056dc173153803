"""How a field of a rule file is declared: once, on the class that holds its value in memory.

Such a class is a ``NamedTuple``. The type of a field says what it holds; marks beside the type, in ``Annotated``, say
how the file writes it where the type does not. From this follow the shape of the file with its JSON Schema
(``cds.rulebook.shape``), the reading and the check of names (``cds.rulebook.reading``) and the comparison of two
versions (``cds.review.aspects``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, get_type_hints

from cds.rulebook.meant import is_stated, respelled
from cds.rulebook.model.frozen import Spot

T = TypeVar("T")


class Place(Protocol):
    """Where something stands in a rule file (see ``cds.rulebook.report.Where``)."""

    def at(self, *more: str | int) -> Place:
        """A place further inside."""

    def problem(self, what: str, todo: str, code: str) -> None:
        """Note a problem here."""

    def known(self, name: str, names: Any, *nouns: str) -> bool:
        """Whether what a name stands for is known."""


class Key(NamedTuple):
    """The key of the field in the file, where that is not its name."""

    text: str


class Called(NamedTuple):
    """What a comparison calls the field, where that is not its key."""

    text: str


class Known(NamedTuple):
    """The value is a name, or several, of what the nouns say: it has to be defined somewhere."""

    nouns: tuple[str, ...]


@dataclass(frozen=True)
class Line(Generic[T]):
    """The value is read from a text of one line, or from each text of a list.

    ``read`` returns None for a text without the form: ``what`` says so, ``todo`` shows the form (``hint`` the nearest
    one where it knows it), and ``otherwise`` stands for the value of a field with a single text.
    """

    read: Callable[[str], T | None]
    todo: str
    what: str = "'{}' cannot be read."
    code: str = "wrong-value"
    otherwise: T | None = None
    hint: Callable[[str], str] | None = None

    def value(self, text: str, where: Place) -> T | None:
        """What a text says; None, with the problem noted, for one that says nothing."""
        found = self.read(text)
        if found is None:
            todo = self.hint(text) if self.hint else ""
            said = respelled(text, self.read) or (self.what.format(text), todo or self.todo)
            where.problem(*said, self.code)
        return found


@dataclass(frozen=True)
class Made:
    """The value is made of the entry as it was written: ``make(entry, place)``; ``written`` is its type there."""

    make: Callable[[Any, Any], Any]
    written: Any


class Absent(NamedTuple):
    """The file may leave the value out; this stands for it."""

    value: Any


@dataclass(frozen=True)
class Written:
    """The file says the value by these keys, or by none of them; who reads the entry gives it, and needs more for that.

    ``keys`` has the type of each in the file.
    """

    keys: Mapping[str, Any]


class Text(NamedTuple):
    """What a text of the file has to be: of a form, or of some length.

    ``called`` says what such a text is, ``like`` shows one; ``real`` is what it has to be beyond its form.
    """

    pattern: str | None = None
    at_least: int | None = None
    called: str = ""
    like: str = ""
    real: Callable[[str], bool] | None = None


class More(NamedTuple):
    """A number of the file is greater than this."""

    than: float


class Mark(NamedTuple):
    """A mark without anything further."""

    says: str


STATED = Text(at_least=1, called="sentence", like="", real=is_stated)
"""A text in words of its own."""
NAME = Mark("the value is the key under which the whole entry stands")
SOME = Mark("the list is not empty")
WORDS = Mark("a list, or a single text, or texts separated by commas")
ONE_OR_MORE = Mark("a list, or a single text")
INLINE = Mark("the keys of the value are keys of the entry")
OTHERS = Mark("every other key of the entry, with a text")
PAIRS = Mark("a mapping of texts, in the order of the file")
ORDERED = Mark("the order of the texts counts")
LOWER = Mark("texts are looked for in lower case")
MAY_BE_EMPTY = Mark("the file has to say it, and may say nothing: a number without a unit")
NEEDED = Mark("the file has to say it, though it is always the same")
NOT_WRITTEN = Mark("the file does not say it: it is always the same, or follows from something else")
NOT_COMPARED = Mark("versions are not compared in it")

Name: TypeAlias = Annotated[str, NAME]
Words: TypeAlias = Annotated[tuple[str, ...], WORDS]
Pairs: TypeAlias = Annotated[tuple[tuple[str, str], ...], PAIRS]


class Field(NamedTuple):
    """One declared field: its name in memory, its key in the file, its type, and the marks beside that."""

    name: str
    key: str
    type: Any
    marks: tuple[Any, ...]
    required: bool
    default: Any

    def mark(self, kind: type) -> Any:
        """The mark of a kind; None where there is none."""
        return mark_of(kind, self.marks)

    @property
    def is_written(self) -> bool:
        """Whether the file says it: not the name and the place of the entry, nor what follows from something else."""
        return self.type is not Spot and NAME not in self.marks and NOT_WRITTEN not in self.marks

    @property
    def called(self) -> str:
        """What a comparison calls it."""
        return next((mark.text for mark in self.marks if isinstance(mark, Called)), self.key)


def mark_of(kind: type, marks: tuple[Any, ...]) -> Any:
    """The mark of a kind; None where there is none."""
    return next((mark for mark in marks if isinstance(mark, kind)), None)


@lru_cache(maxsize=256)
def fields_of(declared: Any) -> tuple[Field, ...]:
    """The fields of a declared class, in its order."""
    hints = get_type_hints(declared, include_extras=True)
    defaults: dict[str, Any] = declared._field_defaults
    return tuple(_field(name, hints[name], defaults) for name in declared._fields)


def _field(name: str, hint: Any, defaults: dict[str, Any]) -> Field:
    kind, marks = bare(hint)
    key = next((mark.text for mark in marks if isinstance(mark, Key)), name.replace("_", " "))
    absent = next((mark for mark in marks if isinstance(mark, Absent)), None)
    required = NEEDED in marks or (absent is None and name not in defaults)
    return Field(name, key, kind, marks, required, absent.value if absent else defaults.get(name))


def bare(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without its marks, and these."""
    marks: tuple[Any, ...] = getattr(hint, "__metadata__", ())
    return (hint.__origin__, marks) if marks else (hint, ())


def is_declared(kind: Any) -> bool:
    """Whether a type is a class with declared fields."""
    return isinstance(kind, type) and hasattr(kind, "_fields")


def several(value: str | list[str]) -> tuple[str, ...]:
    """A list, or a single text, or texts separated by commas."""
    texts = value.split(", ") if isinstance(value, str) else value
    return tuple(text for text in texts if text)


def one_or_more(value: str | list[str]) -> list[str]:
    """A list, or a single text."""
    return [value] if isinstance(value, str) else value


def read_lines(line: Line[T], texts: Any, where: Place) -> tuple[T, ...]:
    """The texts that have the form; the others are noted with the form they should have."""
    found = (line.value(text, where.at(index)) for index, text in enumerate(texts))
    return tuple(item for item in found if item is not None)
