"""ValueSets: the codes of each term."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.code_systems import ATC, PREFIX_SYSTEMS
from cds.exchange.publication import computable, head, term_ids
from cds.jsontypes import Json
from cds.rulebook.model import AnyTerm, Code, ProductTerm, RuleBook
from cds.rulebook.printing import code_key

ATC_SUBSTANCE = 7
"""The length of an ATC code of a substance, below which there is nothing (WHO: five levels, 1-3-4-5-7 characters)."""
PREFIXES = (
    "A code of ICD-10-CM or ATC stands for everything that begins with it. A filter (concept is-a) says so; a "
    "terminology server that does not know the hierarchy finds the listed codes only."
)
RANKED = "The rules prefer some of these codes to others; the order is in the rule files, a ValueSet cannot say it."
ALSO_READ = {
    "refused": "Never read",
    "questions": "Also read as the answer to",
    "yes": "Answers that mean yes",
    "no": "Answers that mean no",
}
"""The codes of a term that are none of its ValueSet, by field, as its description names them."""
BY_PRODUCT = (
    "Products and substances by code only. Names are read too, and a record can say what a product is for, so that a "
    "patient may have one without a code of this list."
)


def codes_of(book: RuleBook, term: AnyTerm) -> tuple[Code, ...]:
    """The codes by which a record shows the term; none for what is computed, and for age and sex."""
    if isinstance(term, ProductTerm):
        return (
            ()
            if term.words
            else tuple(
                Code(system, code, contents.name)
                for (system, code), contents in book.products.coded.items()
                if set(term.holds) <= set(contents.nutrients)
                and (not term.intents or contents.intent in term.intents)
                and (not term.salts or contents.salt in term.salts)
            )
        )
    return getattr(term, "codes", ())


def has_value_set(book: RuleBook, name: str) -> bool:
    """Whether a term has codes, and so a ValueSet."""
    return bool(codes_of(book, book.terms[name]))


def value_sets(book: RuleBook, day: date | None) -> Iterator[Json]:
    """A ValueSet for each term that has codes."""
    for name, identity in term_ids(book).items():
        if codes := codes_of(book, book.terms[name]):
            resource = head(book, "ValueSet", identity, name=computable("Term", name), title=name, day=day)
            yield resource | {
                "description": _description(book.terms[name], codes),
                "compose": {"include": list(_includes(codes))},
            }


def _description(term: AnyTerm, codes: tuple[Code, ...]) -> str:
    parts = [term.says]
    if isinstance(term, ProductTerm):
        parts.append(BY_PRODUCT)
    if any(_has_children(code) for code in codes):
        parts.append(PREFIXES)
    if any(code.rank for code in codes):
        parts.append(RANKED)
    for field, says in ALSO_READ.items():
        if others := getattr(term, field, ()):
            parts.append(f"{says}: {', '.join(map(_named, others))}.")
    return " ".join(parts)


def _named(code: Code) -> str:
    """``LOINC 72166-2 Tobacco smoking status``."""
    return f"{code_key(code.system, code.code)} {code.display}".rstrip()


def _includes(codes: tuple[Code, ...]) -> Iterator[Json]:
    """The codes by system, with displays; then what stands below them (a list and a filter exclude each other)."""
    for system in dict.fromkeys(code.system for code in codes):
        own = [code for code in codes if code.system == system]
        yield {"system": system, "concept": [_concept(code) for code in own]}
        for code in own:
            if _has_children(code):
                yield {"system": system, "filter": [{"property": "concept", "op": "is-a", "value": code.code}]}


def _concept(code: Code) -> Json:
    return {"code": code.code} | ({"display": code.display} if code.display else {})


def _has_children(code: Code) -> bool:
    """Whether there can be codes below this one."""
    atc = code.system == ATC
    return code.system in PREFIX_SYSTEMS and not (atc and len(code.code) >= ATC_SUBSTANCE)
