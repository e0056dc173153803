"""What else a record says when it says one thing: codes and names mean several terms.

They are read back through the product's own intake.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from cds.code_systems import SYSTEMS
from cds.intake.lookup import meanings
from cds.jsontypes import Json
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook

WrittenAs: TypeAlias = Measurement | Condition | Medication
WRITTEN = (Measurement, Condition, Medication)
"""The kinds of terms that are written as a code or a name."""


class Meant(NamedTuple):
    """How a term is written in FHIR, and the other terms that this says too."""

    concept: Json
    also: tuple[str, ...]


@lru_cache(maxsize=8)
def meant(book: RuleBook) -> dict[str, Meant]:
    """For each measurement, condition and medicine the code, or name, that means the fewest other terms."""
    found = {name: meant_as(book, name) for name, term in book.terms.items() if isinstance(term, WRITTEN)}
    return {name: way for name, way in found.items() if way is not None}


def meant_as(book: RuleBook, name: str) -> Meant | None:
    """The code, or name, of one of them that means the fewest other terms; None where it has neither."""
    return min(_ways(book, name), key=lambda way: len(way.also), default=None)


@lru_cache(maxsize=8)
def implied(book: RuleBook) -> dict[str, frozenset[str]]:
    """For each condition the others that whoever records it records as well, however it is written."""
    return {name: others for name in book.terms if (others := implied_by(book, name)) is not None}


def implied_by(book: RuleBook, name: str) -> frozenset[str] | None:
    """The same for one term; None for what is no condition, or can be recorded in another way than by these words."""
    term = book.terms[name]
    ways = _ways(book, name) if isinstance(term, Condition) and not term.questions and not term.anywhere else ()
    if not isinstance(term, Condition) or not ways:
        return None
    shared = frozenset.intersection(*(frozenset(way.also) for way in ways))
    return frozenset(other for other in shared if _same_time(term, book.terms[other]))


def _same_time(term: Condition, other: object) -> bool:
    """Both count as long as each other."""
    ends = (term.also_inactive, term.forgotten_after, term.unknown_after)
    return isinstance(other, Condition) and ends == (other.also_inactive, other.forgotten_after, other.unknown_after)


@lru_cache(maxsize=4096)
def _ways(book: RuleBook, name: str) -> tuple[Meant, ...]:
    """The ways in which a measurement, condition or medicine is written, each with what else it means."""
    term = book.terms[name]
    concepts = _concepts(term) if isinstance(term, WRITTEN) else ()
    return tuple(way for concept in concepts if (way := _meant(book, name, concept)) is not None)


def _concepts(term: WrittenAs) -> Iterator[Json]:
    yield from (written_concept(code) for code in term.codes)
    if not isinstance(term, Measurement):
        yield from ({"text": name} for name in term.names)


def written_concept(code: Code) -> Json:
    """A code as a CodeableConcept."""
    return {"coding": [{"system": SYSTEMS.get(code.system, code.system), "code": code.code, "display": code.display}]}


def _meant(book: RuleBook, name: str, concept: Json) -> Meant | None:
    """None where the concept does not mean the term, or is a product as well."""
    look_up, term = meanings(book), book.terms[name]
    if isinstance(term, Measurement):
        terms = [match[0] for match in look_up.result(concept).measurements]
    elif isinstance(term, Condition):
        terms = list(look_up.condition(concept).terms)
    else:
        meaning = look_up.medicine(concept, ())
        terms = [] if meaning.product is not None else list(meaning.terms)
    return Meant(concept, tuple(t for t in terms if t != name)) if name in terms else None
