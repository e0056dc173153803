"""Two readings of a rule's sentence: the same for every possible patient, or a patient for whom they part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import z3

from cds.cards.wording import fact_text
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.jsontypes import Json
from cds.proof.decision import Decided
from cds.proof.patient import Patient
from cds.proof.plain import WITNESS_DAY
from cds.proof.search import Search
from cds.proof.three_valued import Bool
from cds.proof.values import Variables
from cds.quantity import ABSENT, PRESENT
from cds.rulebook.second_reading import READ, ReadTwice, compared_terms


class Parting(NamedTuple):
    """A kind of patient about whom the readings part, and one such patient.

    ``exists`` is False where there is none, None where the solver found nobody and did not rule him out. ``words`` say
    what matters of the patient, in the words of the rulebook; ``bundle`` is the patient.
    """

    says: str
    exists: bool | None
    words: tuple[str, ...] = ()
    bundle: Json | None = None


def partings(read: ReadTwice) -> tuple[Parting, ...]:
    """For whom the rule fires and the second reading does not, and the other way round."""
    answer = Decided(Patient(read.book, Variables()))
    search = Search([answer])
    fires, theirs = answer.fires[read.rule], answer.patient.state(READ).sure
    ours = f"{read.rule} fires, and the reading of {read.reader} does not hold"
    other = f"the reading of {read.reader} holds, and {read.rule} does not fire"
    questions = ((ours, z3.And(fires, z3.Not(theirs))), (other, z3.And(theirs, z3.Not(fires))))
    return tuple(_asked(search, read, says, formula) for says, formula in questions)


def _asked(search: Search, read: ReadTwice, says: str, formula: Bool) -> Parting:
    if impossible := search.is_impossible(formula):
        return Parting(says, not impossible)
    found = search.find("second reading", formula)
    if found is None:
        return Parting(says, None)
    return Parting(says, True, tuple(in_words(read, found.bundles[0])), found.bundles[0])


def in_words(read: ReadTwice, bundle: Json) -> Iterator[str]:
    """What both readings look at in a patient: values with their units, and what is on record."""
    book = read.book
    chart = evaluate(read_record(bundle, book, WITNESS_DAY), book, WITNESS_DAY).chart
    looked_at = [*(part.finding for part in book.rules[read.rule].when.parts), READ]
    for name in sorted(compared_terms(book, looked_at)):
        if name in book.findings:
            state = chart.state(name)
            if state is not ABSENT:
                yield f"{name}: {'on record' if state is PRESENT else 'on record, not certain'}"
        elif (fact := chart.value(name)) is not None:
            day = f" of {fact.when.text}" if fact.when is not None and fact.when.text else ""
            yield f"{name}: {fact_text(book, book.terms[name], fact)}{day}"
        else:
            yield f"{name}: not known"
