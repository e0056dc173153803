"""The seven senses in which a finding is named: as it is, negated, or one of five questions about what is known."""

from __future__ import annotations

from enum import Enum

from cds.quantity import ABSENT, PRESENT, UNKNOWN, State


class Sense(str, Enum):
    """What is asked of a finding.

    ``table`` is the answer for a finding that is absent, unknown and present; ``meaning`` says it in words.
    """

    table: tuple[State, ...]
    meaning: str

    IS = "is"
    NOT = "not", (PRESENT, UNKNOWN, ABSENT), "it is absent; unknown stays unknown"
    WITHOUT = "without", (PRESENT, PRESENT, ABSENT), "it is not surely there"
    PROVEN = "proven", (ABSENT, ABSENT, PRESENT), "it is surely there"
    POSSIBLE = "possible", (ABSENT, PRESENT, PRESENT), "it is not surely absent"
    UNSURE_ABOUT = "unsure about", (ABSENT, PRESENT, ABSENT), "it is unknown"
    IN_DOUBT_IF = "in doubt if", (PRESENT, PRESENT, UNKNOWN), "while it is there, what stands beside it is unknown"

    def __new__(cls, word: str, table: tuple[State, ...] = tuple(State), meaning: str = "as it is") -> Sense:
        """A sense of its own, unless it is known by its word."""
        sense = str.__new__(cls, word)
        sense._value_, sense.table, sense.meaning = word, table, meaning
        return sense

    def __str__(self) -> str:
        """The word before the finding."""
        return str(self.value)

    def of(self, finding: str) -> str:
        """``not high calcium``: the finding as the rule files name it."""
        return finding if self is Sense.IS else f"{self} {finding}"

    def source(self, finding: str) -> str:
        """The answer for a finding as Python, from ``states``."""
        state = f"states[{finding!r}]"
        return state if self is Sense.IS else f"{self.name}[{state}]"

    @property
    def surely(self) -> frozenset[State]:
        """The states of the finding for which the answer is yes."""
        return frozenset(state for state in State if self.table[state] is PRESENT)

    @property
    def possibly(self) -> frozenset[State]:
        """The states of the finding for which the answer is not no."""
        return frozenset(state for state in State if self.table[state] is not ABSENT)


ASKED = tuple(sense for sense in Sense if sense is not Sense.IS)
"""The senses that have a word before the finding."""


def asked_of(text: str) -> tuple[Sense, str]:
    """The sense in which a text names a finding, and the finding."""
    for sense in ASKED:
        if text.startswith(f"{sense} "):
            return sense, text[len(sense) + 1 :]
    return Sense.IS, text
