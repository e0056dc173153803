"""What all exported resources have in common: their head, the evidence they cite, and expressions in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds.code_systems import TERMINOLOGY
from cds.exchange.naming import address
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook, Source

WORDS = "text/plain"
"""The language of every expression: English words for people. There is no CQL behind them, and none is claimed."""
NOT_EXECUTABLE = "Words for people, not CQL or FHIRPath: no engine can run them. The rule files in the Library decide."


def head(
    book: RuleBook, kind: str, identity: str, *, name: str, title: str, version: str, status: str, day: date | None
) -> Json:
    """The first elements of a resource; ``date`` only where a day of publication is given.

    A draft is experimental; no resource has an ``approvalDate``, as the rule files record no approval.
    """
    resource: Json = {
        "resourceType": kind,
        "id": identity,
        "url": address(book, kind, identity),
        "version": version,
        "name": name,
        "title": title,
        "status": status,
        "experimental": status != "active",
    }
    return resource | ({"date": day.isoformat()} if day else {})


def status_of(book: RuleBook) -> str:
    """``active`` when a clinician signed every rule, else ``draft``."""
    return "active" if all(rule.status == "signed" for rule in book.rules.values()) else "draft"


def citations(book: RuleBook, names: Iterable[str]) -> list[Json]:
    """The sources as citations; ``display`` says their kind and how far somebody of the project has read them."""
    return [_citation(book.sources[name]) for name in names]


def _citation(source: Source) -> Json:
    cited: Json = {
        "type": "citation",
        "label": source.id,
        "display": f"{source.kind}; {source.read}",
        "citation": source.citation,
    }
    return cited | ({"url": source.url} if source.url else {})


def in_words(book: RuleBook, text: str, more: str = "", *, name: str = "") -> Json:
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
            "code": {"system": f"{TERMINOLOGY}/usage-context-type", "code": code},
            "valueCodeableConcept": {"text": text},
        }
        for code, text in (
            ("focus", book.title),
            ("user", "Health professionals who can review the basis of each card; not patients"),
        )
    ]
