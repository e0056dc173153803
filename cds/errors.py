"""What can go wrong, and how it is said.

Messages are part of the product: ``file:line: place: what is wrong. What to do. [code]``.
The codes are a closed list; a test holds this list, the golden bad files and the documentation together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong with a rule file."""

    file: str
    line: int
    place: str
    what: str
    todo: str
    code: str

    def __str__(self) -> str:
        """The one-line message."""
        return f"{self.file}:{self.line}: {self.place}: {self.what} {self.todo} [{self.code}]"


RULE_CODES: dict[str, str] = {
    "yaml-syntax": "The lines of the file cannot be read: their indentation, colons or quotes.",
    "yaml-anchor": "A text without quotes begins with & or *, by which YAML names parts of a file.",
    "yaml-tag": "A text without quotes begins with !.",
    "yaml-flow": "A text or a list without quotes begins with [ or {.",
    "duplicate-key": "A key stands twice in one place.",
    "file-too-large": "The file is larger than 256 KB.",
    "file-too-deep": "The file is nested deeper than 20 levels.",
    "not-utf8": "The file is not UTF-8 text.",
    "misnamed-file": "The name of a YAML file does not end as that of a rule file.",
    "missing-file": "A file that every rulebook needs is not there.",
    "unknown-key": "A key has no meaning here.",
    "missing-key": "A key that is needed is not there, or nothing is said behind it.",
    "wrong-value": "A value has the wrong form.",
    "key-order": "The keys do not stand in the order of every other rule file.",
    "duplicate-name": "Two things have the same name.",
    "bad-name": "A name begins with a word that has a meaning of its own.",
    "unknown-term": "No term has this name.",
    "unknown-finding": "No finding has this name.",
    "unknown-rule": "No rule has this id.",
    "unknown-advice": "No advice code has this name.",
    "unknown-evidence": "No source has this id.",
    "unknown-tier": "No tier has this name.",
    "unknown-outcome": "No outcome has this name.",
    "outcome-role": "A role of the outcomes is missing, or two outcomes have it.",
    "outcome-order": "An outcome stands below one that is more permissive by its role.",
    "unknown-entry": "No entry of silencing.yaml has this name.",
    "unknown-salt": "No salt has this name.",
    "unknown-nutrient": "No nutrient has this name.",
    "unknown-intent": "Products are taken for nothing of this name.",
    "unknown-formula": "No computation has this name.",
    "unknown-scale": "Nobody defines the scale in topic.yaml.",
    "unknown-unit": "The unit is not one of the term's units.",
    "bad-sentence": "The sentence has none of the forms that a finding may have.",
    "too-many-parts": "An 'any' has more parts than the rules engine takes.",
    "bad-code-line": "The line is not 'SYSTEM CODE display'.",
    "cycle": "Findings or terms depend on themselves.",
    "threshold-without-source": "A number stands without a source.",
    "undecided-order": "A deciding rule is missing from the order of its tier, or stands there without deciding.",
    "contradiction-one-sided": "An advice code contradicts itself or names the same code twice.",
    "summary-too-long": "A card summary is longer than CDS Hooks allows.",
    "bad-case": "A case names something that cannot be given or expected.",
    "not-in-an-overlay": "An overlay cannot hold this file.",
    "rule-needed": "The rule that answers when no other decides is switched off.",
    "risk-not-accepted": "A guarded rule is switched off, or what it rests on replaced, and nobody accepts the risk.",
}


CHECK_CODES: dict[str, str] = {
    "unused-finding": "No rule reads the finding.",
    "unused-term": "No finding reads the term.",
    "unused-advice": "No rule says the advice code.",
    "unused-source": "Nothing cites the source.",
    "impossible-threshold": "A sentence compares a value with a number that no result of its term can have.",
    "impossible-code": "A code has a form or a check digit that no code of its system has (SNOMED, LOINC, RxNorm, "
    "ATC, ICD-10).",
    "card-too-long": "A text of a card has more words than anybody reads.",
    "never-claim": "A card says what no card may say.",
    "nothing-guarded": "No tier is guarded.",
    "contradiction": "A rule says two codes that contradict each other.",
    "contradiction-met": "In a case two rules say codes that contradict each other; one of them is left out.",
    "ladder-gap": "No rule of a ladder speaks at a value between two of its steps, or beyond the last one.",
    "ladder-overlap": "Two rules of a ladder speak at the same value.",
    "ladder-open": "A rule of a ladder joins its step with something else, so that nobody knows where it ends.",
    "looser-with-less": "Without a result the answer to the patient of a case becomes more permissive.",
    "number-in-prose": "A text has a number that is none of its rule.",
    "number-not-used": "No text needs a number that a rule declares.",
    "review-overdue": "The review of the rule is due.",
    "grade-differs": "The grade of a source in a rule is not the one that evidence.yaml has for that rule.",
    "evidence-not-read": "A warning: a rule decides, and nobody of the project has read any of its sources again.",
    "evidence-check-due": "A warning: the day by which a source was to be read again has passed.",
    "text-not-written": "A text of a rule begins with TODO.",
    "reader-missing": "A rule lacks what a reviewer reads first, and other rules have it.",
    "case-lacking": "A rule has no case of a kind that a reviewer needs.",
    "case-fails": "A case does not come out as it says.",
    "change-unnoticed": "No case notices a small change.",
    "not-needed": "A change is accepted in review.yaml that a case notices.",
    "case-overridden": "A case of the base does not hold with the overlay (a note, no problem).",
    "name-overridden": "A finding of the base has a number in its name that the overlay changes (a note, no problem).",
    "texts-outdated": "Texts of cards in other words were made for another version of their rule, and are not shown.",
    "overlay-case-lacking": "An overlay changes a rule of the base and brings no case for it.",
    "signature-overridden": "A rule was signed without the overlay (a note, no problem).",
    "signature-missing": "A rule says that it is signed, and nobody signed it, too few did, or somebody rejected it.",
    "signature-expired": "A rule says that it is signed, and the signature was valid to a day that has passed.",
    "signature-outdated": "A rule has changed since it was signed, and still says that it is signed.",
    "version-not-raised": "With --against: a rule or the rulebook has changed, and its version was not raised.",
}
"""What ``cds check`` can say about rule files that load; evaluation goes on all the same."""

PROOF_CODES: dict[str, str] = {
    "not-true": "A property does not hold for every patient: the witness breaks it.",
    "not-settled": "Nobody knows whether a property holds for every patient.",
}
"""What ``cds prove`` can say, in the formats for CI servers."""


class CdsError(Exception):
    """The parent of every error of this package; its text is fit to be shown to a person."""

    code = "error"


class PassingError(CdsError):
    """Trouble of this program or of what it needs, not of what was sent: the same again may well succeed."""


class RulebookError(CdsError):
    """The rule files cannot be trusted: all their problems at once, what causes others first.

    ``problems`` are the causes in the order of files and lines, then all others in that order; ``lines`` are these in
    words and, where problems are held back because they may only follow from these, a line about them.
    """

    code = "bad-rulebook"

    def __init__(self, causes: Iterable[Problem], others: Iterable[Problem] = (), held_back: str = "") -> None:
        first = sorted(set(causes))
        self.problems = (*first, *sorted(set(others).difference(first)))
        self.lines = (*map(str, self.problems), *([held_back] if held_back else []))
        super().__init__("\n".join(map(str, self.problems)))


class RecordError(CdsError):
    """The input cannot be read as one patient's FHIR R4 data. No patient data in the text."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(f"{text} [{code}]")


RECORD_CODES: dict[str, str] = {
    "not-json": "The file is not JSON.",
    "other-format": "The file is in another format than FHIR JSON.",
    "not-fhir": "The JSON is neither a FHIR Bundle nor a list of FHIR resources.",
    "wrong-release": "The data are FHIR DSTU2, STU3 or R5, not R4.",
    "no-patient": "The data hold no Patient resource.",
    "several-patients": "The data hold more than one patient.",
    "unreadable-file": "The file cannot be opened.",
    "not-in-both-versions": "A case names what one of two versions of the rules does not know; it compares nothing.",
    "too-deep": "The JSON is nested deeper than 64 levels.",
}


ANSWER_CODES: dict[str, str] = {
    "engine": "The rules engine failed or cannot be loaded.",
    "disagreement": "The rules engine and the reference evaluator gave different answers.",
    "program-error": "Something broke that nobody foresaw, in this program or in a library.",
}
VALUE_SET_CODES: dict[str, str] = {
    "not-a-value-set": "The file is not one FHIR ValueSet, nor a Bundle with one.",
    "retired-value-set": "The ValueSet is retired.",
    "incomplete-expansion": "The expansion does not hold all its codes.",
    "cannot-expand": "Only a terminology server can tell which codes are meant.",
    "no-codes": "The ValueSet holds no code.",
    "bad-code": "A code is missing, is no text, or has a form that a rule file cannot hold.",
    "unknown-system": "A code system is neither a known one nor named as the hospital's own.",
    "system-of-another-kind": "Codes of this system do not stand for terms of this kind.",
    "code-of-another-term": "A code belongs to another term already.",
    "code-never-read": "A code is one that the rules refuse to read.",
    "unknown-term": "No term has this name.",
    "term-without-codes": "Terms of this kind have no codes of their own.",
    "too-many-codes": "The codes do not fit into one rule file.",
}
"""What can be wrong with a hospital's ValueSet."""
PRODUCT_TABLE_CODES: dict[str, str] = {
    "not-a-table": "The file is no CSV text in UTF-8, or holds no product.",
    "unknown-column": "A heading is none of the columns, or a column that is needed is missing.",
    "wrong-amount": "An amount, a strength or a measure cannot be read, or the product holds nothing.",
    "unknown-system": "A code system has no known name and is no URL.",
    "bad-code": "A code is missing, or has a form that a rule file cannot hold.",
    "code-twice": "A code stands in two lines.",
    "unknown-name": "A salt or an intent is not defined by the rules.",
    "table-too-large": "The products do not fit into one rule file.",
}
"""What can be wrong with a hospital's table of products."""

RUN_CODES: dict[str, str] = {
    "not-a-run": "The folder holds no run that is over, or its answers cannot be read or are not all there.",
    "other-rulebook": "The run was made with other rules than those that are to name what it says.",
}
"""What can be wrong with the folder of a run."""


class EngineError(PassingError):
    """The rules engine failed or cannot be used."""

    code = "engine"


class DisagreementError(CdsError):
    """The rules engine and the reference evaluator gave different answers: no card may be shown."""

    code = "disagreement"


def with_code(error: CdsError) -> str:
    """The text of an error with its code in brackets, as every message ends."""
    return str(error) if isinstance(error, (RulebookError, RecordError)) else f"{error} [{error.code}]"


def nearest(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` with the nearest known word, in any case of letters; a plain request when none is near."""
    return close(word, known) or "Use a name that is defined."


def close(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'?`` with the nearest known word; nothing when none is near.

    Where only a character differs that looks like another one, or like none, that is said. Of names in several words
    one with another number is no spelling, but another threshold: such names are listed, and none is offered alone.
    """
    lowered = {name.lower(): name for name in known}
    if plain(word).lower() in lowered and plain(word) != word:
        return f"Write '{lowered[plain(word).lower()]}': {odd_character(word)} stands in it."
    near = [lowered[name] for name in get_close_matches(word.lower(), list(lowered), n=MOST_NEAR, cutoff=0.6)]
    if same := [name for name in near if " " not in word or _numbers(name) == _numbers(word)]:
        return f"Did you mean '{same[0]}'?"
    return f"{ANOTHER_NUMBER}{few([repr(name) for name in near], MOST_NEAR)}. Write what is meant." if near else ""


ANOTHER_NUMBER = "The nearest names have another number: "
"""How the advice begins where every near word has another number."""
MOST_NEAR = 5
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _numbers(name: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(name)]


_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NOTHING = "\u00ad\u200b\u2060\ufeff"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212"
_PLAIN = {ord(sign): instead for signs, instead in ((_SPACES, " "), (_NOTHING, ""), (_HYPHENS, "-")) for sign in signs}
ODD = f"{_SPACES}{_NOTHING}{_HYPHENS}"
"""Characters that look like a space or a hyphen, or like nothing at all."""


def plain(text: str) -> str:
    """A text with plain spaces and hyphens, and without characters that nobody sees."""
    return text.translate(_PLAIN)


def odd_character(text: str) -> str:
    """The first character that looks like a space, a hyphen or nothing, by its name; empty where there is none."""
    sign = next((sign for sign in text if sign in ODD), "")
    name = unicodedata.name(sign).lower() if sign else ""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} (U+{ord(sign):04X})" if name else ""


def few(places: Sequence[str], shown: int = 3) -> str:
    """The first few of many places, and how many more there are: ``a:1, b:2, c:3 and 12 more``."""
    more = len(places) - shown
    return ", ".join(places[:shown]) + (f" and {more} more" if more > 0 else "")
