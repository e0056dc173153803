"""How answers are worded where the rules are used: units, names of terms and fixed phrases, in another language or not.

Rules, findings and codes keep their names; only what people read changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, reduce
from typing import Annotated, NamedTuple

from cds.quantity import unit_key
from cds.rulebook.declared import Key, Text
from cds.rulebook.model.frozen import Frozen

PHRASES = (
    "Based on",
    "Also review: {}.",
    "Also review: {} further points.",
    "{}; {}",
    "{}; and {} more",
    "{} {}.",
    "{}.",
    "Refer to: {}",
    "Pause {} product",
    "Stop {} product",
    "Remove the draft order: {}",
    "Ordered:",
    "Shortened.",
    "Rule {}, {}. {}.",
    "and {} more",
    "not graded",
    "n.r.",
    "on record",
    "not known",
    "but not certain",
    "Not known, so not judged:",
    "On record, but not used",
    "On record as active, and not counted: ask whether it is still taken",
    "Compare with the laboratory's own range",
    "What they say was not judged.",
    "Not used:",
    "On record, and not certain that the patient has it",
    "On record, and not certain that it is taken",
    "Not understood: please look.",
    "Allergy or intolerance: please look.",
    "Not read:",
    "{} days ago",
    "1 day ago",
    "today",
    "up to {}",
    "{} to {}",
    "below {}",
    "at most {}",
    "above {}",
    "at least {}",
    "{} and {}",
    "{}, {}",
    "{} and {} more",
    "{}: {}",
    "{} ({})",
    ", ",
    "{} years",
    "{}/day",
    "female",
    "male",
    "draft",
    "Sources of this answer:",
    "Not a cleared medical device; check before acting.",
    "Draft rules, not yet signed by a clinician. Not a cleared medical device; check before acting.",
)
"""The fixed phrases of cards that an overlay can word otherwise.

``{}`` stands for what is filled in.
"""


class Wording(NamedTuple):
    """OVERLAY/wording.yaml: how answers are worded here.

    It has the language, names of terms, fixed phrases, what outcomes, advice codes, referrals and joined cards are
    called, and remarks: what the program says about single entries of a record, with ``{}`` for what is filled in.

    ``units`` are looked through in their order: the first one in which the values of a term may be written is printed
    first; ``units_of_terms`` has another one for the values of single terms. What is not named keeps the words of the
    base.
    """

    language: Annotated[str, Text(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$", called="language", like="en or zh-CN")] = (
        "en"
    )
    units: Annotated[tuple[str, ...], Key("units shown first")] = ()
    units_of_terms: Annotated[Frozen[str, str], Key("units of terms")] = Frozen()
    names: Annotated[Frozen[str, str], Key("names shown")] = Frozen()
    phrases: Frozen[str, str] = Frozen()
    remarks: Frozen[str, str] = Frozen()
    joined: Annotated[Frozen[str, str], Key("joined cards")] = Frozen()
    outcomes: Frozen[str, str] = Frozen()
    advice: Frozen[str, str] = Frozen()
    referrals: Frozen[str, str] = Frozen()

    def name(self, term: str) -> str:
        """What a term is called."""
        return self.names.get(term, term)

    def phrase(self, text: str) -> str:
        """A fixed phrase."""
        return self.phrases.get(text, text)

    def first_unit(self, factors: Mapping[str, float], own: str, terms: Iterable[str] = ()) -> str:
        """The unit that is printed first for values that may be written in these units, by their keys.

        That of one of the terms behind the value comes before those for all.
        """
        named = (self.units_of_terms[term] for term in terms if term in self.units_of_terms)
        return next((unit for unit in (*named, *self.units) if unit_key(unit) in factors), own)

    def told(self, text: str) -> str:
        """A value, an age or a range as it is printed: ``12 days ago``, ``400 to 1000 mg/day``."""
        return _told(self, text) if self.phrases else text

    def remark(self, text: str) -> str:
        """What the program says about an entry of the record, or about how a value came about."""
        return _remarked(self, text) if self.remarks else self.told(text)

    def filled(self, phrase: str, *parts: str) -> str:
        """A fixed phrase with what is filled in."""
        return self.phrase(phrase).format(*parts)

    def series(self, phrase: str, parts: Iterable[str]) -> str:
        """Parts in a row, two by two in a fixed phrase: ``a; b; c``."""
        return reduce(self.phrase(phrase).format, parts)

    def over(self, below: Wording) -> Wording:
        """With what is said below where nothing is said here."""
        return Wording(
            self.language if self.language != "en" else below.language,
            self.units or below.units,
            Frozen({**below.units_of_terms, **self.units_of_terms}),
            Frozen({**below.names, **self.names}),
            Frozen({**below.phrases, **self.phrases}),
            Frozen({**below.remarks, **self.remarks}),
            Frozen({**below.joined, **self.joined}),
            Frozen({**below.outcomes, **self.outcomes}),
            Frozen({**below.advice, **self.advice}),
            Frozen({**below.referrals, **self.referrals}),
        )


@lru_cache(maxsize=4096)
def _told(wording: Wording, text: str) -> str:
    found = _by(wording.phrases, text, wording.told)
    return text if found is None else found


@lru_cache(maxsize=4096)
def _remarked(wording: Wording, text: str) -> str:
    found = _by(wording.remarks, text, wording.remark)
    return (wording.names.get(text) or wording.told(text)) if found is None else found


def _by(phrases: Mapping[str, str], text: str, again: Callable[[str], str]) -> str | None:
    """A text by the first phrase that it is, with what fills the phrase in words again; None where it is none."""
    if text in phrases:
        return phrases[text]
    for phrase, words in phrases.items():
        if "{}" in phrase and (found := _filled(phrase).fullmatch(text)):
            return words.format(*map(again, found.groups()))
    return None


@lru_cache(maxsize=256)
def _filled(phrase: str) -> re.Pattern[str]:
    return re.compile(re.escape(phrase).replace(r"\{\}", "(.+)"))
