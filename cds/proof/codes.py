"""Which codes and names mean a term, and what else they mean; read back through the product's own intake."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from cds.intake.elements import Json
from cds.intake.lookup import meanings
from cds.rulebook.lines import SYSTEMS
from cds.rulebook.model import Code, Condition, Measurement, Medication, RuleBook

Written: TypeAlias = "Measurement | Condition | Medication"


class Meant(NamedTuple):
    """How a term is written in FHIR, and the other terms that this says too."""

    concept: Json
    also: tuple[str, ...]


@lru_cache(maxsize=8)
def meant(book: RuleBook) -> dict[str, Meant]:
    """For each measurement, condition and medicine the code, or name, that means the fewest other terms."""
    return {name: min(ways, key=lambda way: len(way.also)) for name, ways in _all_ways(book).items() if ways}


@lru_cache(maxsize=8)
def implied(book: RuleBook) -> dict[str, frozenset[str]]:
    """For each condition the others that whoever records it records as well, however it is written."""
    found = {}
    for name, ways in _all_ways(book).items():
        term = book.terms[name]
        if isinstance(term, Condition) and ways and not term.questions and not term.anywhere:
            shared = frozenset.intersection(*(frozenset(way.also) for way in ways))
            found[name] = frozenset(other for other in shared if _same_time(term, book.terms[other]))
    return found


def _same_time(term: Condition, other: object) -> bool:
    """Both count as long as each other."""
    ends = (term.also_inactive, term.forgotten_after, term.unknown_after)
    return isinstance(other, Condition) and ends == (other.also_inactive, other.forgotten_after, other.unknown_after)


@lru_cache(maxsize=8)
def _all_ways(book: RuleBook) -> dict[str, list[Meant]]:
    terms = {name: term for name, term in book.terms.items() if isinstance(term, (Measurement, Condition, Medication))}
    ways = {name: [_meant(book, name, concept) for concept in _concepts(term)] for name, term in terms.items()}
    return {name: [way for way in listed if way is not None] for name, listed in ways.items()}


def _concepts(term: Written) -> Iterator[Json]:
    yield from (concept_of(code) for code in term.codes)
    if not isinstance(term, Measurement):
        yield from ({"text": name} for name in term.names)


def concept_of(code: Code) -> Json:
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
