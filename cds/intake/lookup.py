"""What a coded concept means in the rulebook, remembered: it means the same in every record.

Records repeat few concepts; looking one up again costs a hundredth of searching its codes and texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cds.intake.conditions.condition_meaning import ConditionMeaning, condition_meaning
from cds.intake.elements import codings, remembered, texts
from cds.intake.medicines.contents.ingredients import is_active, substance_of
from cds.intake.medicines.contents.products import Product, identify
from cds.intake.medicines.names.joined_parts import joins_what_is_not_known
from cds.intake.medicines.names.known_names import terms_named
from cds.intake.medicines.names.medicine_codes import is_another_medicine, is_excluded, leaves_element_open
from cds.intake.results.answers import asked, asked_in_words
from cds.intake.results.result_names import possible
from cds.intake.terminology.codes import Match
from cds.intake.vocabulary import Vocabulary, vocabulary
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

OF_AN_INGREDIENT = ("isActive", "itemCodeableConcept", "role", "strength")
"""The elements of an ingredient that say what it is."""


class ResultMeaning(NamedTuple):
    """What the code of an Observation means: measurements, and terms with the code of the question about them.

    ``refused`` are the measurements of which it is never read; ``maybe`` is what it may be without a known code.
    ``by_name``: the questions are asked in words.
    """

    measurements: tuple[Match, ...]
    questions: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    maybe: str
    by_name: bool


class MedicineMeaning(NamedTuple):
    """The medicine terms of a concept, the product that it is, and its name.

    ``known``: it is a term, a product, or a code of which the rulebook says that it is no product. ``unknown`` are the
    concepts of those of its parts that are none of these: what one part is never makes the rest known.
    """

    terms: tuple[str, ...]
    by_name: bool
    product: Product | None
    name: str
    known: bool
    unknown: tuple[Any, ...] = ()


class Meanings(NamedTuple):
    """The lookups, each from a CodeableConcept (medicines: and the texts of the reasons for taking them).

    ``mixture`` is that of a medicine with ingredients beside its concept.
    """

    result: Callable[[Any], ResultMeaning]
    condition: Callable[[Any], ConditionMeaning]
    medicine: Callable[[Any, tuple[str, ...]], MedicineMeaning]
    mixture: Callable[[Any, list[Json], tuple[str, ...]], MedicineMeaning]


@lru_cache(maxsize=8)
def meanings(book: RuleBook) -> Meanings:
    """The lookups of a rulebook."""
    words = vocabulary(book)
    return Meanings(
        remembered(lambda concept: result_meaning(concept, words)),
        remembered(lambda concept: condition_meaning(concept, words)),
        remembered(lambda concept, reasons: medicine_meaning(concept, (), reasons, words)),
        _remembered_mixtures(words),
    )


def _remembered_mixtures(words: Vocabulary) -> Callable[[Any, list[Json], tuple[str, ...]], MedicineMeaning]:
    """The lookup of medicines with ingredients, with a memory for what is read of each ingredient."""
    look_up = remembered(lambda concept, parts, reasons: medicine_meaning(concept, parts, reasons, words))

    def ask(concept: Any, ingredients: list[Json], reasons: tuple[str, ...]) -> MedicineMeaning:
        parts = [{key: item[key] for key in OF_AN_INGREDIENT if key in item} for item in ingredients]
        return look_up(concept, parts, reasons)

    return ask


def result_meaning(concept: Any, words: Vocabulary) -> ResultMeaning:
    """What the code of an Observation means."""
    coded = [(c.get("system"), c.get("code")) for c in codings(concept)]
    measurements = tuple(dict.fromkeys(m for code in coded for m in words.measurements.find(*code)))
    questions = asked(concept, words)
    refused = tuple(dict.fromkeys(term for code in coded for term, _ in words.refused.find(*code)))
    if measurements or questions or refused:
        return ResultMeaning(measurements, questions, refused, "", by_name=False)
    in_words = asked_in_words(concept, words)
    return ResultMeaning((), in_words, (), possible(concept, words), by_name=bool(in_words))


def medicine_meaning(
    concept: Any, ingredients: Iterable[Json], reasons: tuple[str, ...], words: Vocabulary
) -> MedicineMeaning:
    """What a medicine is: the terms of the concept and of each ingredient, its contents, and what is not understood."""
    listed = [item for item in ingredients if is_active(item)]
    product = identify(concept, listed, reasons, words.book)
    own, rest = _terms(concept, words), [_terms(item.get("itemCodeableConcept"), words) for item in listed]
    pairs = zip(listed, rest, strict=True)
    parts = [item.get("itemCodeableConcept") for item, found in pairs if not found[0] and not _holds(item, words)]
    unknown = [part for part in parts if not (own[0] and _is_no_news(concept, part, words))]
    has_main = product is not None and words.book.products.main.name in product.contents.nutrients
    if not has_main and leaves_element_open(concept, words.book):
        unknown.append({"text": texts(concept)[0]})
    elif own[1] or (product is not None and product.by_name):
        unknown += [{"text": text} for text in texts(concept)[:1] if joins_what_is_not_known(text, words.book)]
    terms = tuple(dict.fromkeys(term for found, _ in (own, *rest) for term in found))
    by_name = any(by_name for _, by_name in (own, *rest))
    name = " ".join(texts(concept)[:1])
    known = bool(terms or product or is_excluded(concept, words.book))
    return MedicineMeaning(terms, by_name, product, name, known, tuple(unknown))


def _is_no_news(concept: Any, part: Any, words: Vocabulary) -> bool:
    """Whether the code of a medicine says already what it is, and a part of it that is not known is no calcium."""
    return is_another_medicine(concept, words.book) and not leaves_element_open(part, words.book)


def _terms(concept: Any, words: Vocabulary) -> tuple[tuple[str, ...], bool]:
    """The terms of one concept by its codes, else (True) by its texts."""
    if coded := _coded_terms(concept, words):
        return coded, False
    named = tuple(term for text in texts(concept) for term in _named(text, words))
    return named, bool(named)


def _holds(ingredient: Json, words: Vocabulary) -> bool:
    """Whether an ingredient holds a nutrient, or is known to be no calcium product."""
    concept = ingredient.get("itemCodeableConcept")
    return is_excluded(concept, words.book) or substance_of(ingredient, words.book) is not None


def _coded_terms(concept: Any, words: Vocabulary) -> tuple[str, ...]:
    return tuple(t for c in codings(concept) for t, _ in words.medications.find(c.get("system"), c.get("code")))


def _named(text: str, words: Vocabulary) -> Iterable[str]:
    return terms_named(text, words.book)
