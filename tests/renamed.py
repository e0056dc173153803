"""The names of a rulebook under other names: at every place where the rule files use them as names, or at one alone.

Names stand as keys and values, and inside sentences, conditions and example patients. Prose is left as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cds.rulebook.model import RuleBook, verb_of
from cds.rulebook.model.placeholder import placeholders
from cds.rulebook.model.sense import asked_of
from cds.rulebook.yaml_text import read_page

Kind: TypeAlias = Literal["term", "finding", "tier", "outcome", "salt", "nutrient", "intent", "advice code"]
Data: TypeAlias = Any
Files: TypeAlias = "dict[str, Data]"
Reader: TypeAlias = Callable[[Data], Data]
PRODUCTS, REVIEW = "terms/products.yaml", "review.yaml"
STATED = ("term", "finding")
_VOTE = re.compile(r"this rule (does not )?([a-z]+?)(s?)")
_OUTCOME = re.compile(r"the outcome is (not )?(.+)")
_RULE = re.compile(r"[A-Z]+-\d\d (?:is shown|fires|decides)|the decider is .+")
_SAYS = re.compile(r"(.+) (is present|is possible|is known)")


def names_of(book: RuleBook) -> dict[Kind, list[str]]:
    """Every name that a rulebook gives to something, by kind."""
    return {
        "term": list(book.terms),
        "finding": [name for name in book.findings if name not in book.terms],
        "tier": [tier.name for tier in book.tiers],
        "outcome": list(book.outcomes),
        "salt": list(book.products.salts),
        "nutrient": list(book.products.nutrients),
        "intent": list(book.products.intents),
        "advice code": list(book.advice),
    }


def each(change: Callable[[str], str]) -> Reader:
    """Reads a text, or the texts of a list."""
    return lambda data: [change(text) for text in data] if isinstance(data, list) else change(data)


def every(reader: Reader) -> Reader:
    """Reads what stands in a list, or under the keys of a mapping."""
    return lambda data: (
        [reader(one) for one in data] if isinstance(data, list) else {key: reader(one) for key, one in data.items()}
    )


def as_it_is(data: Data) -> Data:
    """Reads nothing."""
    return data


def within(**readers: Reader) -> Reader:
    """Reads some keys of a mapping; ``_`` stands for a space."""
    known = {name.replace("_", " ").strip(): reader for name, reader in readers.items()}
    return lambda data: {key: known.get(key, as_it_is)(value) for key, value in data.items()}


@dataclass
class Change:
    """One name that becomes another; ``only`` is the one place, of all that there are, at which it does."""

    kind: Kind
    old: str
    new: str
    terms: tuple[str, ...] = ()
    only: int | None = None
    hits: int = 0
    files: list[str] = field(default_factory=list)
    file: str = ""

    def hit(self, old: str = "", new: str = "") -> str:
        """What stands at a place of the name."""
        self.hits += 1
        self.files.append(self.file)
        return (new or self.new) if self.only in (None, self.hits - 1) else (old or self.old)

    def name(self, text: str, *kinds: str) -> str:
        """A name alone."""
        return self.hit() if self.kind in kinds and text == self.old else text

    def listed(self, text: str, *kinds: str) -> str:
        """Names with commas between them."""
        return ", ".join(self.name(part, *kinds) for part in text.split(", "))

    def part(self, text: str, *kinds: str) -> str:
        """A finding, perhaps with the word of a sense before it."""
        sense, finding = asked_of(text)
        return sense.of(self.name(finding, *STATED, *kinds))

    def sentence(self, text: str) -> str:
        """The names of terms inside a sentence: of several that begin alike the longest."""
        names = "|".join(map(re.escape, sorted(self.terms, key=len, reverse=True)))
        return re.sub(rf"(?<![\w-])(?:{names})(?![\w-])", lambda match: self.name(match[0], "term"), text)

    def shown(self, text: str) -> str:
        """The names in the placeholders of a text that a card shows."""
        found = (re.sub(r"\s+", " ", item.words[1:-1]) for item in placeholders(text))
        for words in dict.fromkeys(found):
            name, comma, way = words.partition(", ")
            text = re.sub(
                r"\{" + r"\s+".join(map(re.escape, words.split())) + r"\}",
                lambda _, parts=(name, comma, way): "".join(("{", self.name(parts[0], *STATED), *parts[1:], "}")),
                text,
            )
        return text

    def clause(self, text: str) -> str:
        """A condition on the answer."""
        if (match := _VOTE.fullmatch(text)) and self.kind == "outcome" and match[2] == verb_of(self.old):
            verb = self.hit(verb_of(self.old), verb_of(self.new))
            return f"this rule {match[1] or ''}{verb}{match[3]}"
        if match := _OUTCOME.fullmatch(text):
            return f"the outcome is {match[1] or ''}{self.name(match[2], 'outcome')}"
        return text if _VOTE.fullmatch(text) or _RULE.fullmatch(text) else self.part(text)

    def clauses(self, text: str, head: Callable[[str], str]) -> str:
        """Something, and the conditions under which it stands there."""
        first, *rest = re.split(r", (?=if |unless )", text)
        words = (condition.split(" ", 1) for condition in rest)
        return ", ".join((head(first), *(f"{word} {self.clause(condition)}" for word, condition in words)))

    def conditional(self, *kinds: str) -> Reader:
        """Reads a name, or several, each with the conditions under which it stands there."""
        return each(lambda text: self.clauses(text, lambda name: self.name(name, *kinds)))

    def names(self, *kinds: str) -> Reader:
        """Reads a name, or several."""
        return each(lambda text: self.listed(text, *kinds))

    def keyed(self, inner: Reader, *kinds: str) -> Reader:
        """Reads a mapping whose keys are names."""
        return lambda data: {self.name(key, *kinds): inner(value) for key, value in data.items()}

    def statement(self, text: str) -> str:
        """What safety.yaml says of an answer."""
        if match := _SAYS.fullmatch(text):
            return f"{self.name(match[1], *STATED)} {match[2]}"
        return self.clause(text) if _OUTCOME.fullmatch(text) else text

    def given(self, values: Data) -> Data:
        """What a case says of its patient; a measurement may stand in brackets behind a value."""
        return {
            self.name(name, *STATED): re.sub(r"\(([^()]+)\)$", lambda m: f"({self.name(m[1], 'term')})", text)
            for name, text in values.items()
        }


def renamed(files: Files, change: Change) -> Files:
    """The files after a change."""
    found = {}
    for name, data in files.items():
        change.file = name
        found[name] = _file(name, data, change)
    return found


def _file(name: str, data: Data, change: Change) -> Data:
    if name == PRODUCTS:
        return _products(change)(data)
    if "terms" in data:
        return within(terms=change.keyed(_term(change), "term"))(data)
    if "findings" in data:
        return within(findings=change.keyed(_finding(change), *STATED))(data)
    if "rule" in data:
        return _rule(change)(data)
    return _ROOT[name](change)(data) if name in _ROOT else data


def _term(change: Change) -> Reader:
    terms, conditional = change.names("term"), change.conditional("term")
    return within(
        holds=change.names("nutrient"),
        nutrient=change.names("nutrient"),
        salt=change.names("salt"),
        intent=change.names("intent"),
        of=terms,
        it_is_then=terms,
        from_=lambda data: every(terms)(data) if isinstance(data, dict) else terms(data),
        usable_for=conditional,
        instead=conditional,
    )


def _finding(change: Change) -> Reader:
    parts = each(change.part)
    return within(when=change.sentence, all=parts, any=parts, no_record_of_any=parts)


def _rule(change: Change) -> Reader:
    clauses, codes = each(lambda text: change.clauses(text, change.clause)), change.names("advice code")
    shown = within(summary=change.shown, detail=change.shown)
    case = within(
        given=change.given, expect=change.names("outcome"), says=codes, does_not_say=codes, summary=change.shown
    )
    return within(
        tier=change.conditional("tier"),
        when=every(each(change.part)),
        advice=change.conditional("advice code"),
        card=lambda data: shown(
            within(
                indicator=change.conditional(),
                hours=change.keyed(as_it_is, "term"),
                variants=every(lambda one: shown(within(when=clauses)(one))),
            )(data)
        ),
        other_numbers=every(change.names(*STATED)),
        cases=every(case),
    )


def _products(change: Change) -> Reader:
    def contents(entry: Data) -> Data:
        named = within(nutrient=change.names("nutrient"), salt=change.names("salt"), intent=change.names("intent"))
        return change.keyed(as_it_is, "nutrient")(named(entry))

    return within(
        main_nutrient=change.names("nutrient"),
        usual_intent=change.names("intent"),
        nutrients=change.keyed(within(above_that_it_may_be=change.names("salt")), "nutrient"),
        intents=change.keyed(as_it_is, "intent"),
        salts=change.keyed(as_it_is, "salt"),
        products=every(contents),
        substances=every(contents),
        brands=every(contents),
    )


def _precedence(change: Change) -> Reader:
    return within(
        outcomes=change.keyed(as_it_is, "outcome"),
        tiers=every(within(tier=change.names("tier"), outcome=change.names("outcome"))),
    )


def _silencing(change: Change) -> Reader:
    def not_said(text: str) -> str:
        code, word, rules = text.partition(", of ")
        return "".join((change.name(code, "advice code"), word, rules))

    clauses = each(change.clause)
    return every(every(within(when=clauses, only_if=clauses, not_said=each(not_said))))


def _advice(change: Change) -> Reader:
    nutrient, codes = change.names("nutrient"), change.names("advice code")
    entry = within(holds=nutrient, stops=nutrient, never_together_with=codes)
    return within(advice=change.keyed(entry, "advice code"))


def _safety(change: Change) -> Reader:
    def condition(data: Data) -> Data:
        if isinstance(data, list):
            return [condition(one) for one in data]
        return {
            key: condition(value) if key in ("all", "any") else change.statement(value) for key, value in data.items()
        }

    stated = change.names(*STATED)
    return within(
        must_be_answered=within(who=stated, unless=stated),
        properties=every(within(one_of_these_is_added=stated, lower=stated, higher=stated, and_then=stated)),
        normal_results=change.keyed(as_it_is, "term"),
        exceptions=every(within(when=condition)),
    )


def _review(change: Change) -> Reader:
    def quoted(match: re.Match[str]) -> str:
        return f"'{change.part(match[1], 'advice code', 'outcome')}'"

    return within(accepted=lambda data: {re.sub(r"'([^']+)'", quoted, key): why for key, why in data.items()})


def _amendments(change: Change) -> Reader:
    named = within(findings=change.names("finding"), terms=change.names("term"), codes=change.names("advice code"))
    return within(amendments=every(named))


_ROOT: dict[str, Callable[[Change], Reader]] = {
    "precedence.yaml": _precedence,
    "silencing.yaml": _silencing,
    "advice.yaml": _advice,
    "safety.yaml": _safety,
    "amendments.yaml": _amendments,
    REVIEW: _review,
    "rulebook.yaml": lambda change: within(case_patient=change.given),
    "topic.yaml": lambda change: within(nothing_to_say=change.names("advice code")),
}


def files_of(folder: Path) -> Files:
    """The rule files of a folder as data, by their names."""
    found = {}
    for path in sorted(folder.rglob("*.yaml")):
        page = read_page(path, path.name, [])
        assert page is not None
        found[path.relative_to(folder).as_posix()] = page.data
    return found


def write(files: Files, folder: Path) -> Path:
    """The files in a folder, one key or item on a line, so that every name is on a line of its own."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(_lines(data)) + "\n", "utf-8")
    return folder


def _lines(data: Data) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _under(f"{json.dumps(key, ensure_ascii=False)}:", value)
    else:
        for item in data:
            yield from _under("-", item)


def _under(start: str, value: Data) -> Iterable[str]:
    if isinstance(value, str):
        return [f"{start} {json.dumps(value, ensure_ascii=False)}"]
    return [start, *(f"  {line}" for line in _lines(value))]
