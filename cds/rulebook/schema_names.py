"""Names in the JSON Schemas: where a rule file names something, an editor completes it, explains it, and marks others.

Where a name may stand follows from what is declared: the nouns that are ``Known`` there, and the forms of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from cds.forms.registry import SENTENCES
from cds.rulebook import lines
from cds.rulebook.declared import WORDS, Field, Known, Line, Made, fields_of, is_declared
from cds.rulebook.model import ASKED, CASE_WORDS, INDICATORS, Sense
from cds.rulebook.vocabulary import Explained, Vocabulary

Schema: TypeAlias = dict[str, Any]
DEFS = "#/$defs/"
STATES: tuple[str | bool, ...] = ("yes", "no", "unknown", True, False)
"""What a case says of a finding; an editor reads some of these words as truth values."""
VALUE = {"type": ["string", "number"], "examples": ["missing"]}
"""What a case says of a value: a number with its unit, as people write it."""
COMPLETED_SENSES = (Sense.NOT, Sense.WITHOUT)
"""The words before a finding with which each name is offered too; with the others it is only checked."""

PART, SENTENCE, CLAUSES = "a finding", "a sentence", "conditions"
LINE_OF_ADVICE, VOTE, INDICATOR = "a line of advice", "a vote", "an indicator"
GIVEN, EXPECTED, CLAIM_OR_CODE, SEVERAL = "what a case gives", "what a case expects", "claim or code", "several of "
OF_LINES: Mapping[Callable[[str], Any], str] = {
    lines.vote_line: VOTE,
    lines.saying_line: LINE_OF_ADVICE,
    lines.clause_line: CLAUSES,
    lines.joined_clauses: CLAUSES,
    lines.indicator_line: INDICATOR,
}
"""What a text of one line names."""
OF_KEYS: Mapping[tuple[str, str], str] = {
    ("RuleWhen", "all"): PART,
    ("RuleWhen", "any"): PART,
    ("Finding", "all"): PART,
    ("Finding", "any"): PART,
    ("Finding", "no record of any"): "finding",
    ("Replacement", "all"): PART,
    ("Replacement", "any"): PART,
    ("Replacement", "no record of any"): "finding",
    ("Finding", "when"): SENTENCE,
    ("Replacement", "when"): SENTENCE,
    ("Rule", "never"): CLAIM_OR_CODE,
    ("Case", "expect"): EXPECTED,
    ("Computed", "from"): "term",
    ("Computed", "formula"): "formula",
    ("PrecedenceFile", "default"): "rule",
    ("Removal", "by"): f"{SEVERAL}rule",
    ("Removal", "no card of"): "rule",
    ("Removal", "no card except of"): "rule",
    ("Removal", "no decision of"): "rule",
    ("Switch", "rule"): "rule",
    ("Signature", "rule"): "rule",
}
"""What stands in lists and texts whose declaration does not say it."""
OF_MAPPINGS: Mapping[tuple[str, str], str] = {
    ("Case", "given"): GIVEN,
    ("BookFile", "case patient"): GIVEN,
    ("Rule", "grade"): "evidence source",
    ("Card", "hours"): "term",
    ("OverlayTermsFile", "terms"): "term",
    ("OverlayFindingsFile", "replaces"): "finding",
    ("OverlayCasesFile", "cases"): "rule",
    ("OverlayCardsFile", "cards"): "rule",
}
"""What the keys of a mapping are the names of."""


def with_names(schema: Schema, declared: type, words: Vocabulary) -> Schema:
    """The schema of a kind of file with the names of a rulebook at every place where one of them stands."""
    classes = {kind.__name__: kind for kind in _declared(declared)}
    for title, part in [(declared.__name__, schema), *schema.get("$defs", {}).items()]:
        if title in classes:
            _name(part, classes[title])
    used = sorted({name.removeprefix(DEFS) for name in _references(schema)} - schema.get("$defs", {}).keys())
    schema.setdefault("$defs", {}).update({name: _definition(name.replace("-", " "), words) for name in used})
    for part in [schema, *schema["$defs"].values()]:
        for key in part.get("properties", {}):
            _spell_out(part["properties"][key], words)
    return schema


def _declared(kind: Any, seen: frozenset[Any] = frozenset()) -> Iterator[type]:
    """A declared class and those of its fields, at any depth."""
    if isinstance(kind, type) and is_declared(kind):
        if kind in seen:
            return
        yield kind
        for field in fields_of(kind):
            made = field.mark(Made)
            yield from _declared(made.written if made else field.type, seen | {kind})
    for inner in get_args(kind):
        yield from _declared(inner, seen)


def _name(part: Schema, declared: type) -> None:
    """Put references to names in place of the texts of a class."""
    fields = {field.key: field for field in fields_of(declared)}
    for key, prop in part.get("properties", {}).items():
        place = (declared.__name__, key)
        if place in OF_MAPPINGS:
            prop["names"] = OF_MAPPINGS[place]
        elif name := OF_KEYS.get(place) or (_named_by(fields[key]) if key in fields else ""):
            part["properties"][key] = _referring(prop, name)


def _named_by(field: Field) -> str:
    """What the texts of a field are the names of; nothing where anything may stand."""
    if line := field.mark(Line):
        return OF_LINES.get(line.read, "")
    known = field.mark(Known)
    return f"{SEVERAL if WORDS in field.marks else ''}{known.nouns[0]}" if known else ""


def _referring(part: Any, name: str) -> Any:
    """A part of a schema with a reference to names in place of each text."""
    if isinstance(part, list):
        return [_referring(item, name) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string":
        return {key: value for key, value in part.items() if key != "type"} | {
            "$ref": f"{DEFS}{name.replace(' ', '-')}"
        }
    return {key: value if key == "default" else _referring(value, name) for key, value in part.items()}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _definition(name: str, words: Vocabulary) -> Schema:
    """What may stand where something is named."""
    names = words.names
    finding = rf"(?:(?:{_any(str(sense) for sense in ASKED)}) )?(?:{_any(names['finding'])})"
    rule, outcome = r"[A-Z]+-\d\d", _any(names["outcome"])
    of_answer = rf"this rule (?:does not )?[a-z]+|the outcome is (?:not )?(?:{outcome})|the decider is (?:not )?{rule}"
    clause = rf"(?:{finding}|{of_answer}|{rule} (?:is shown|fires))"
    conditions = rf"(?:, (?:if|unless) {clause})*"
    match name:
        case "a finding":
            offered = dict(names["finding"])
            offered |= {f"{sense} {one}": "" for sense in COMPLETED_SENSES for one in names["finding"]}
            return _choice(offered, finding)
        case "a sentence":
            return {"type": "string", "examples": [form.example for form in SENTENCES]}
        case "a vote":
            return _choice(names["tier"], rf"(?:{_any(names['tier'])})(?:, if (?:{_any(names['finding'])}))?")
        case "a line of advice":
            return _choice(names["advice code"], rf"(?:{_any(names['advice code'])}){conditions}")
        case "conditions":
            return _choice(names["finding"], rf"{clause}{conditions}")
        case "an indicator":
            return _choice(dict.fromkeys(INDICATORS, ""), rf"(?:{_any(INDICATORS)}){conditions}")
        case "claim or code":
            return _choice({**names["claim"], **names["advice code"]})
        case "what a case expects":
            return _choice({**names["outcome"], **dict.fromkeys(CASE_WORDS, "Of this rule alone.")})
        case _:
            noun = name.removeprefix(SEVERAL)
            one = _any(names[noun])
            return _choice(names[noun], rf"(?:{one})(?:, (?:{one}))*" if name != noun else "")


def _choice(names: Explained, pattern: str = "") -> Schema:
    """One of these names, each explained; or also another text of a pattern."""
    explained: Schema = {"enum": [*names]}
    if any(names.values()):
        explained["enumDescriptions"] = list(names.values())
    return {"anyOf": [explained, {"type": "string", "pattern": f"^{pattern}$"}]} if pattern else explained


def _any(texts: Iterable[str]) -> str:
    """A pattern of any of these texts, in the syntax of both Python and editors."""
    return "|".join(re.sub(r"([\\^$.*+?()\[\]{}|])", r"\\\1", text) for text in texts)


def _spell_out(prop: Schema, words: Vocabulary) -> None:
    """The keys of a mapping by name, so that an editor completes and explains them; no others may stand there."""
    name = prop.pop("names", None)
    if name is None:
        return
    inner, listed = prop.get("additionalProperties", {}), dict[str, Schema]()
    if name == GIVEN:
        listed |= {key: {**VALUE, "description": says} for key, says in words.values.items()}
        listed |= {key: {"enum": [*STATES], "description": says} for key, says in words.states.items()}
    else:
        listed |= {key: {**inner, "description": says} for key, says in words.names[name].items()}
    prop.update(properties=listed, additionalProperties=False)
