"""StructureDefinitions of the extensions, and CodeSystems of the codes, that this rulebook defines itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from cds.exchange.publication import address, computable, head
from cds.jsontypes import Json
from cds.rulebook.model import ASKED, RuleBook


class ExtensionKind(NamedTuple):
    """An extension: where it may stand, the type of its value, or the types of its parts."""

    identity: str
    context: str
    value: str
    says: str
    parts: tuple[tuple[str, str], ...] = ()


ATTRIBUTE = "A source attribute of ONC HTI-1, 45 CFR 170.315(b)(11), and what the rule says of it."
REVIEW_BY = "The day by which the rule has to be reviewed; FHIR R4 knows past reviews only."
AUTHORED = "The day on which the rule was written; it is no day of publication."
GRADE = "The grade of a source for what the rule rests on, as it is printed there; n.r.: nobody has read it again."
WORDS_ONLY = (
    "The expression is in words for people and cannot be executed. A finding is present, absent or unknown, and stays "
    "unknown unless a word before it says otherwise: "
) + ("; ".join(f"'{word}': {word.meaning}" for word in ASKED) + ".")
ADVICE = "A code of what a rule advises; whether anybody does so, it does not say."
EXTENSIONS = (
    ExtensionKind("source-attribute", "PlanDefinition", "", ATTRIBUTE, (("attribute", "string"), ("text", "string"))),
    ExtensionKind("review-by", "PlanDefinition", "date", REVIEW_BY),
    ExtensionKind("authored", "PlanDefinition", "date", AUTHORED),
    ExtensionKind("grade-as-printed", "PlanDefinition", "", GRADE, (("source", "string"), ("grade", "string"))),
    ExtensionKind("words-only", "Expression", "string", WORDS_ONLY),
    ExtensionKind("advice", "DetectedIssue", "CodeableConcept", ADVICE),
)


def definitions_of_extensions(book: RuleBook, day: date | None) -> Iterator[Json]:
    """A StructureDefinition for each extension."""
    for kind in EXTENSIONS:
        yield _head(book, "StructureDefinition", kind.identity, kind.says, day) | {
            "fhirVersion": "4.0.1",
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": kind.context}],
            "type": "Extension",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
            "derivation": "constraint",
            "differential": {"element": list(_elements(address(book, "StructureDefinition", kind.identity), kind))},
        }


def _elements(url: str, kind: ExtensionKind) -> Iterator[Json]:
    yield {"id": "Extension", "path": "Extension", "short": kind.says, "definition": kind.says}
    for name, value in kind.parts:
        yield from _part(name, value)
    if kind.value:
        yield {"id": "Extension.extension", "path": "Extension.extension", "max": "0"}
    yield {"id": "Extension.url", "path": "Extension.url", "fixedUri": url}
    plain: Json = {"id": "Extension.value[x]", "path": "Extension.value[x]"}
    yield plain | ({"min": 1, "type": [{"code": kind.value}]} if kind.value else {"max": "0"})


def _part(name: str, value: str) -> Iterator[Json]:
    """The elements of one inner extension."""
    place, path = f"Extension.extension:{name}", "Extension.extension"
    yield {"id": place, "path": path, "sliceName": name, "min": 1, "max": "1"}
    yield {"id": f"{place}.url", "path": f"{path}.url", "fixedUri": name}
    yield {"id": f"{place}.value[x]", "path": f"{path}.value[x]", "min": 1, "type": [{"code": value}]}


def code_systems(book: RuleBook, day: date | None) -> Iterator[Json]:
    """The outcomes and the closed vocabulary of advice."""
    yield _codes(book, "outcome", f"What the answer can be: {book.topic.question}", book.outcomes, day)
    advice = {code: advice.says for code, advice in book.advice.items()}
    yield _codes(book, "advice", "The closed vocabulary of advice; no card says anything else.", advice, day)


def _codes(book: RuleBook, identity: str, says: str, meanings: dict[str, str], day: date | None) -> Json:
    return _head(book, "CodeSystem", identity, says, day) | {
        "caseSensitive": True,
        "content": "complete",
        "count": len(meanings),
        "concept": [{"code": code, "display": says} for code, says in meanings.items()],
    }


def _head(book: RuleBook, kind: str, identity: str, says: str, day: date | None) -> Json:
    title = identity.replace("-", " ").capitalize()
    return head(book, kind, identity, name=computable("", title), title=title, day=day) | {"description": says}
