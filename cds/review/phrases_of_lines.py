"""The forms of texts of one line, each beside the function that reads it: an example, and what it says.

In examples, words in capitals stand for names: of a finding, a term, an advice code, a source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from cds.rulebook import lines
from cds.rulebook.model.product import usual_line
from cds.rulebook.model.safety import statement_line


class Phrase(NamedTuple):
    """A form: an example of it as a file has it, and what it says. ``here`` is one of the rules in use, or nothing."""

    example: str
    says: str
    here: str = ""


Phrases: TypeAlias = tuple[Phrase, ...]
Reads: TypeAlias = Callable[[str], Any]

CLAUSES: Phrases = (
    Phrase("FINDING", "The finding is present; one of the words before a finding may stand here too."),
    Phrase(
        "this rule holds",
        "This rule votes for the outcome that begins so ('holds': hold); one that is a pause also has to be the "
        "outcome of the answer.",
    ),
    Phrase("this rule does not hold", "It does not, or another outcome than that pause won."),
    Phrase("this rule decides", "This rule votes for some outcome."),
    Phrase("the outcome is OUTCOME", "So the whole answer ends."),
    Phrase("the outcome is not OUTCOME", "It ends otherwise."),
    Phrase("the decider is AB-01", "That rule is named as the one that decided."),
    Phrase("the decider is not AB-01", "Another one is."),
    Phrase("AB-01 fires", "The condition of that rule is met."),
    Phrase("AB-01 is shown", "Its card is shown."),
)
"""Conditions on the answer, as they stand in silencing.yaml, and behind 'if' and 'unless'."""

LINES: Mapping[Reads, Phrases] = {
    lines.code_line: (
        Phrase("LOINC 2160-0 NAME OF THE TEST", "A code: its system, the code, and the name that the system gives it."),
        Phrase("https://codes.example/lab A1 NAME", "A code of a system of your own, by its address."),
    ),
    lines.unit_line: (
        Phrase("mmol/L x 4.008", "A unit, and what one of it is worth in the term's own unit."),
        Phrase("g/L / 10", "The same as a division."),
    ),
    lines.range_line: (Phrase("4 to 20", "From the one to the other, both included."),),
    lines.number_line: (Phrase("500", "A number."),),
    lines.percent: (Phrase("15 %", "A percentage."),),
    lines.days_line: (Phrase("90 days", "A number of days."),),
    lines.choice_line: (
        Phrase("newest", "Of several results the newest counts."),
        Phrase("newest day, first code of the list", "Of the newest day, the one whose code stands first in 'codes'."),
        Phrase("lowest of the newest day", "Of the newest day, the lowest."),
        Phrase("highest of the last 1825 days, else newest", "The highest of so many days; else the newest."),
    ),
    lines.window_line: (
        Phrase("365 days", "A value counts for so many days; then it is unknown."),
        Phrase("any age", "It counts for ever."),
        Phrase(
            "180 days, if FINDING", "For so many days while the finding is present. The first line has no condition."
        ),
        Phrase("1825 days, if at most 0", "For so many days if the value is at most that."),
        Phrase("90 days, if below 15", "For so many days if the value is below that."),
    ),
    lines.row_line: (
        Phrase("1000 for men from 51 to 70 years", "A row of a table by sex and age; both ends count."),
        Phrase("1200 for women from 71 years", "Without a last age."),
        Phrase("1300 for anybody from 18 to 18 years", "For both sexes."),
    ),
    lines.instead_line: (
        Phrase("2500, if FINDING", "While the finding is present, this number stands in place of the table."),
        Phrase("OTHER VALUE, if FINDING", "While it is present, the value of another term does."),
    ),
    lines.words_near_line: (
        Phrase("WORD, WORD within 6 words of WORD, WORD", "A text says it where two such words stand near each other."),
    ),
    usual_line: (
        Phrase("1 to 4 units a day", "How much is usual where nobody wrote how often."),
        Phrase("0 to 4 intakes a day", "The same in intakes."),
    ),
    lines.vote_line: (
        Phrase(
            "TIER",
            "The rule decides in this tier whenever it fires; in one without an outcome it only gives a card. 'tier' "
            "may also be a list.",
        ),
        Phrase("TIER, if FINDING", "It decides there only while the finding is present too."),
    ),
    lines.saying_line: (
        Phrase("ADVICE", "The card says this code of advice.yaml."),
        Phrase("ADVICE, if FINDING", "Only while it is present."),
        Phrase("ADVICE, unless OTHER FINDING", "Not while it is present; if that is unknown, the card says it."),
        Phrase("ADVICE, if this rule holds, unless FINDING", "All conditions must be met."),
    ),
    lines.indicator_line: (
        Phrase("info", "How urgent the card is: info, warning or critical."),
        Phrase("critical, if FINDING", "In a list: the first whose condition is met; the plain one stands last."),
    ),
    lines.joined_clauses: (
        Phrase("FINDING", "When another text of the card is shown; of several lines any, the first text that fits."),
        Phrase("FINDING, if this rule holds, unless OTHER FINDING", "All of it must be met."),
    ),
    lines.clause_line: CLAUSES,
    statement_line: (
        Phrase("AB-01 decides", "Of one answer: that rule is its decider."),
        Phrase("AB-01 fires", "Its condition is met."),
        Phrase("FINDING is present", "The finding is surely there."),
        Phrase("FINDING is possible", "It is not surely absent."),
        Phrase("TERM is known", "There is a usable value."),
        Phrase("ENTRY acts", "That entry of silencing.yaml takes something away."),
        Phrase("the outcome is OUTCOME", "So the answer ends."),
    ),
}
"""Every function that reads a text of one line, with its forms."""
