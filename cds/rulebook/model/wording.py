"""How answers are worded where the rules are used: units, names of terms and fixed phrases, in another language or not.

Rules, findings and codes keep their names; only what people read changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, NamedTuple

from cds.quantity import unit_key
from cds.rulebook.declared import Key, Text
from cds.rulebook.model.frozen import Frozen

PHRASES = (
    "Based on",
    "Also review",
    "Refer to",
    "on record",
    "not known",
    "but not certain",
    "Not known, so not judged:",
    "On record, but not used",
    "On record, and not certain that the patient has it",
    "On record, and not certain that it is taken",
    "Not understood: please look.",
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

    It has the language, names of terms, fixed phrases, and what outcomes, advice codes and referrals are called.

    ``units`` are wanted: the first one that a term accepts, in the order of the term (creatinine has umol/L before
    mmol/L), is printed first. What is not named keeps the words of the base.
    """

    language: Annotated[str, Text(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")] = "en"
    units: Annotated[tuple[str, ...], Key("units shown first")] = ()
    names: Annotated[Frozen[str, str], Key("names shown")] = Frozen()
    phrases: Frozen[str, str] = Frozen()
    outcomes: Frozen[str, str] = Frozen()
    advice: Frozen[str, str] = Frozen()
    referrals: Frozen[str, str] = Frozen()

    def name(self, term: str) -> str:
        """What a term is called."""
        return self.names.get(term, term)

    def phrase(self, text: str) -> str:
        """A fixed phrase."""
        return self.phrases.get(text, text)

    def first_unit(self, factors: Mapping[str, float], own: str) -> str:
        """The unit that is printed first for values that may be written in these units, by their keys."""
        wanted = {unit_key(unit): unit for unit in self.units}
        return next((wanted[key] for key in factors if key in wanted), own)

    def told(self, text: str) -> str:
        """A value, an age or a range as it is printed: ``12 days ago``, ``400 to 1000 mg/day``."""
        return _told(self, text) if self.phrases else text

    def over(self, below: Wording) -> Wording:
        """With what is said below where nothing is said here."""
        return Wording(
            self.language if self.language != "en" else below.language,
            self.units or below.units,
            Frozen({**below.names, **self.names}),
            Frozen({**below.phrases, **self.phrases}),
            Frozen({**below.outcomes, **self.outcomes}),
            Frozen({**below.advice, **self.advice}),
            Frozen({**below.referrals, **self.referrals}),
        )


@lru_cache(maxsize=4096)
def _told(wording: Wording, text: str) -> str:
    if text in wording.phrases:
        return wording.phrases[text]
    for phrase, words in wording.phrases.items():
        if "{}" in phrase and (found := _filled(phrase).fullmatch(text)):
            return words.format(*(_told(wording, part) for part in found.groups()))
    return text


@lru_cache(maxsize=256)
def _filled(phrase: str) -> re.Pattern[str]:
    return re.compile(re.escape(phrase).replace(r"\{\}", "(.+)"))
