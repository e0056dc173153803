"""What all exported resources have in common: ids and addresses, their head, codings, citations, expressions in words.

Every name follows from those in the rule files.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from cds.code_systems import TERMINOLOGY
from cds.jsontypes import Json
from cds.rulebook.model import Frozen, RuleBook, Source

WORDS = "text/plain"
"""The language of every expression: English words for people. There is no CQL behind them, and none is claimed."""
NOT_EXECUTABLE = "Words for people, not CQL or FHIRPath: no engine can run them. The rule files in the Library decide."
LOGIC, ORDER = "rule-files", "order-of-decision"
"""The ids of the Library, and of the PlanDefinition that says which rule decides first."""
_LONGEST = 64
_HASH = 8


def address(book: RuleBook, kind: str, identity: str) -> str:
    """The canonical URL of a resource of this rulebook."""
    return f"{book.canonical.rstrip('/')}/{kind}/{identity}"


def reference(book: RuleBook, kind: str, identity: str) -> str:
    """A canonical reference to the version that is exported: ``URL|version``."""
    version = book.rules[identity].version if identity in book.rules else book.version
    return f"{address(book, kind, identity)}|{version}"


@lru_cache(maxsize=8)
def term_ids(book: RuleBook) -> Mapping[str, str]:
    """The id of the ValueSet of each term."""
    return Frozen(_identities(book.terms))


@lru_cache(maxsize=8)
def advice_ids(book: RuleBook) -> Mapping[str, str]:
    """The id of the ActivityDefinition of each advice code."""
    return Frozen(_identities(book.advice))


def _identities(names: Iterable[str]) -> dict[str, str]:
    """An id (letters, digits, hyphens, at most 64) for each name; a hash of the name where two would be the same."""
    plain = {name: re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names}
    often = Counter(plain.values())
    return {
        name: text if text and often[text] == 1 and len(text) <= _LONGEST else _hashed(name, text)
        for name, text in plain.items()
    }


def _hashed(name: str, text: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return f"{text[: _LONGEST - _HASH - 1]}-{digest}".lstrip("-")


def computable(prefix: str, name: str) -> str:
    """A name that programs can use: a capital first, then letters, digits and ``_`` (FHIR invariant 0 of each kind)."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    return (prefix + "".join(word[0].upper() + word[1:] for word in words))[:255]


def head(book: RuleBook, kind: str, identity: str, *, name: str, title: str, day: date | None) -> Json:
    """The first elements of a resource; ``date`` only where a day of publication is given.

    A draft is experimental; no resource has an ``approvalDate``, as the rule files record no approval.
    """
    resource: Json = {
        "resourceType": kind,
        "id": identity,
        "url": address(book, kind, identity),
        "version": book.version,
        "name": name,
        "title": title,
        **in_state("active" if all(rule.status == "signed" for rule in book.rules.values()) else "draft"),
    }
    return resource | ({"date": day.isoformat()} if day else {})


def in_state(status: str) -> Json:
    """The status of a resource: the whole rulebook is ``active`` when a clinician signed every rule, else ``draft``."""
    return {"status": status, "experimental": status != "active"}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding."""
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [coding(system, code, display)]}


def own_concept(book: RuleBook, code_system: str, code: str) -> Json:
    """A CodeableConcept of a code that this rulebook defines itself."""
    return concept(address(book, "CodeSystem", code_system), code)


def citations(book: RuleBook, names: Iterable[str], rule: str = "") -> list[Json]:
    """The sources as citations; ``display`` says their kind and, for a rule, the grade as printed."""
    return [_citation(book.sources[name], rule) for name in names]


def _citation(source: Source, rule: str) -> Json:
    cited: Json = {
        "type": "citation",
        "label": source.id,
        "display": f"{source.kind}; {source.grade_for(rule)}" if rule else source.kind,
        "citation": source.citation,
    }
    return cited | ({"url": source.url} if source.url else {})


def words_only(book: RuleBook, text: str, more: str = "", *, name: str = "") -> Json:
    """An Expression in words; ``more`` defines what the words mean, ``name`` is the rule that stands in the Library."""
    expression: Json = {"extension": [extension(book, "words-only", "valueString", NOT_EXECUTABLE)]}
    if more:
        expression["description"] = more
    if name:
        expression["name"] = name
    return expression | {"language": WORDS, "expression": text}


def extension(book: RuleBook, identity: str, value: str, content: object) -> Json:
    """An extension that this rulebook defines (see ``extensions``)."""
    return {"url": address(book, "StructureDefinition", identity), value: content}


def use_context(book: RuleBook) -> list[Json]:
    """For what and for whom."""
    return [
        {
            "code": coding(f"{TERMINOLOGY}/usage-context-type", code),
            "valueCodeableConcept": {"text": text},
        }
        for code, text in (
            ("focus", book.title),
            ("user", "Health professionals who can review the basis of each card; not patients"),
        )
    ]
